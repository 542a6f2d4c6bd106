import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { OperationError } from "../model/values.ts";
import { ownAddresses } from "./own-addresses.ts";

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Block = readonly [Address, number];

/** Global unicast as allotted so far. The rest of IPv6 is special or nobody's, whatever it is called in future. */
const globalUnicast: Block = ipaddr.parseCIDR("2000::/3");

/** Where clouds tell machines who they are. No name leads there, whatever its owner makes of it: only a block does. */
const metadataServices: readonly Block[] = [
  ipaddr.parseCIDR("169.254.0.0/16"),
  ipaddr.parseCIDR("fe80::/10"),
  ipaddr.parseCIDR("fd00:ec2::254/128"),
];

/**
 * Which addresses guests may reach: public ones that are not this machine's own, and what the operator adds as blocks or
 * as the names of hosts. What is denied is denied whatever is added; `public` among it turns the default round, so that
 * only what is added is left.
 */
export class AddressPolicy {
  readonly #allowed: Rules;
  readonly #denied: Rules;
  readonly #isOwn: (address: string) => boolean;

  /** @param allow CIDR blocks, single addresses, or names such as `db.internal` and `*.example.com` (not the domain itself).
   *  @param deny The same, or `public`.
   *  @param isOwn Whether an address, in its shortest form, is one of this machine's.
   *  @throws {TypeError} If one of them is none of that. */
  constructor(allow: readonly string[], deny: readonly string[] = [], isOwn = ownAddresses()) {
    this.#allowed = parseRules(allow);
    this.#denied = parseRules(deny);
    this.#isOwn = isOwn;
    if (this.#allowed.hasPublic) {
      throw new TypeError('Cannot allow "public": public addresses are allowed unless they are denied');
    }
  }

  /** Why guests may not reach `address`, in a few words; undefined: they may.
   *  @param host The name that led there. */
  denial(address: string, host?: string): string | undefined {
    const parsed = parseAddress(address);
    if (parsed === undefined) return "not an IP address";
    if (this.#denied.blocks.some((block) => matches(parsed, block))) return "denied address";
    const name = host === undefined ? undefined : canonicalName(host);
    if (name !== undefined && this.isNameDenied(name)) return "denied name";
    if (this.#allowed.blocks.some((block) => matches(parsed, block))) return undefined;
    if (
      name !== undefined &&
      this.#allowed.names.some((rule) => matchesName(name, rule)) &&
      !metadataServices.some((block) => matches(parsed, block))
    ) {
      return undefined;
    }
    const range = parsed.range();
    if (range !== "unicast") return `${words(range)} address`;
    if (parsed.kind() === "ipv6" && !matches(parsed, globalUnicast)) return "unassigned address";
    if (this.#isOwn(parsed.toString())) return "this machine's own address";
    return this.#denied.hasPublic ? "public address" : undefined;
  }

  /** Whether the name itself is denied: it is not even looked up. */
  isNameDenied(host: string): boolean {
    const name = canonicalName(host);
    return this.#denied.names.some((rule) => matchesName(name, rule));
  }

  /** @param host What the guest asked for: a name, or the address itself.
   *  @throws {OperationError} EGRESS_DENIED, naming the address and the setting that would permit it. */
  check(host: string, address: string): void {
    const reason = this.denial(address, host === address ? undefined : host);
    if (reason === undefined) return;
    const subject = host === address ? address : `${JSON.stringify(host)} at ${address}`;
    throw new OperationError(
      "EGRESS_DENIED",
      `Cannot connect to ${subject}: ${reason}${this.#hint(reason, address)}`,
    );
  }

  /** @throws {OperationError} EGRESS_DENIED: the name is on the list of what is denied. */
  checkName(host: string): void {
    if (!this.isNameDenied(host)) return;
    throw new OperationError(
      "EGRESS_DENIED",
      `Cannot look up ${JSON.stringify(host)}: --egress-deny names it`,
    );
  }

  #hint(reason: string, address: string): string {
    if (reason.startsWith("denied")) return ", which --egress-deny names";
    const reach = this.#denied.hasPublic ? "only what is allowed" : "public addresses only";
    const block = `${address}/${isIP(address) === 6 ? 128 : 32}`;
    return `, and functions may reach ${reach} (--egress-allow ${block} would permit it)`;
  }
}

interface Rules {
  readonly blocks: readonly Block[];
  /** In lower case; with `*.` in front those below the domain. */
  readonly names: readonly string[];
  readonly hasPublic: boolean;
}

function parseRules(texts: readonly string[]): Rules {
  const rules = { blocks: [] as Block[], names: [] as string[], hasPublic: false };
  for (const text of texts) {
    if (text === "public") rules.hasPublic = true;
    else if (isNamePattern(text)) rules.names.push(canonicalName(text));
    else rules.blocks.push(parseBlock(text));
  }
  return rules;
}

/** Labels of letters, digits, hyphens and underscores. The last one has a letter: `10.0.0` is a block cut short. */
function isNamePattern(text: string): boolean {
  return /^(\*\.)?([\w-]{1,63}\.)*(?=[\w-]*[a-z])[\w-]{1,63}\.?$/i.test(text) && text.length <= 255;
}

/** A name's case and the dot at its end mean nothing. */
function canonicalName(host: string): string {
  const name = host.toLowerCase();
  return name.endsWith(".") ? name.slice(0, -1) : name;
}

function matchesName(name: string, rule: string): boolean {
  return rule.startsWith("*.") ? name.endsWith(rule.slice(1)) && name.length >= rule.length : name === rule;
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
    throw new TypeError(
      `Cannot read ${JSON.stringify(text)} as a CIDR block such as 10.0.0.0/8 or a name such as db.internal`,
    );
  }
  const base = parseAddress(address);
  if (base?.kind() !== "ipv4" || family === 4) return [ipaddr.parse(address), length];
  // One written as an IPv6 block is that of the IPv4 addresses, as these are judged.
  if (length < 96) throw new TypeError(`Cannot read ${JSON.stringify(text)}: write IPv4 blocks as such`);
  return [base, length - 96];
}

/** `carrierGradeNat` → `carrier grade nat`. */
function words(range: string): string {
  return range.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
