import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { OperationError } from "../model/values.ts";

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Block = readonly [Address, number];

/** Global unicast as allotted so far. The rest of IPv6 is special or nobody's, whatever it is called in future. */
const globalUnicast: Block = ipaddr.parseCIDR("2000::/3");

/** Which addresses guests may reach: public ones, and the blocks that the operator adds. */
export class AddressPolicy {
  readonly #allowed: readonly Block[];

  /** @param allow CIDR blocks or single addresses.
   *  @throws {TypeError} If one of them is neither. */
  constructor(allow: readonly string[]) {
    this.#allowed = allow.map(parseBlock);
  }

  /** Why guests may not reach `address`, in a few words; undefined: they may. */
  denial(address: string): string | undefined {
    const parsed = parseAddress(address);
    if (parsed === undefined) return "not an IP address";
    if (this.#allowed.some((block) => matches(parsed, block))) return undefined;
    const range = parsed.range();
    if (range !== "unicast") return `${words(range)} address`;
    if (parsed.kind() === "ipv6" && !matches(parsed, globalUnicast)) return "unassigned address";
    return undefined;
  }

  /** @param host What the guest asked for: a name, or the address itself.
   *  @throws {OperationError} EGRESS_DENIED, naming the address and the setting that would permit it. */
  check(host: string, address: string): void {
    const reason = this.denial(address);
    if (reason === undefined) return;
    const subject = host === address ? address : `${JSON.stringify(host)} at ${address}`;
    throw new OperationError(
      "EGRESS_DENIED",
      `Cannot connect to ${subject}: ${reason}, and functions may reach public addresses only ` +
        `(--egress-allow ${address}/${isIP(address) === 6 ? 128 : 32} would permit it)`,
    );
  }
}

function matches(address: Address, [base, bits]: Block): boolean {
  return address.kind() === base.kind() && address.match(base as ipaddr.IPv4 & ipaddr.IPv6, bits);
}

/** An IPv4 address written as an IPv6 one reaches the IPv4 address, so it is judged as that. */
function parseAddress(text: string): Address | undefined {
  // ipaddr.js also reads octal and one-part forms, which the system's connect() may read differently.
  const family = isIP(text);
  if (family === 4) return ipaddr.IPv4.parse(text);
  if (family !== 6) return undefined;
  // It takes ::1.2.3.4 for ::ffff:1.2.3.4, so it gets hexadecimal groups only.
  const [address = ""] = text.split("%");
  const groups = URL.parse(`http://[${address}]/`)?.hostname.slice(1, -1);
  return groups === undefined ? undefined : ipaddr.process(groups);
}

function parseBlock(text: string): Block {
  const [address = "", bits, ...rest] = text.split("/");
  const family = isIP(address);
  const width = family === 6 ? 128 : 32;
  const length = bits === undefined ? width : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (family === 0 || rest.length > 0 || !(length <= width)) {
    throw new TypeError(`Cannot read ${JSON.stringify(text)} as a CIDR block such as 10.0.0.0/8 or fd00::/8`);
  }
  return [ipaddr.parse(address), length];
}

/** `carrierGradeNat` → `carrier grade nat`. */
function words(range: string): string {
  return range.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
