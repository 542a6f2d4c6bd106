import { nodeError } from "../errors.ts";
import { addressBytes, addressText } from "../sockets/ip-address.ts";

export const AF_INET = 2;
export const AF_INET6 = 10;
export const FLOW_LABEL_MAX = 0xfffff;

/** An address with its port, as net.SocketAddress holds it. */
export class SocketAddress {
  readonly bytes: Uint8Array;
  readonly #port: number;
  readonly #family: number;
  readonly #flowlabel: number;

  constructor(address: string, port: number, family: number, flowlabel: number) {
    const bytes = addressBytes(address);
    if (bytes?.length !== (family === AF_INET6 ? 16 : 4)) {
      throw nodeError(Error, "ERR_INVALID_ADDRESS", "Invalid address");
    }
    this.bytes = bytes;
    this.#port = port;
    this.#family = family;
    this.#flowlabel = flowlabel;
  }

  detail(out: Record<string, unknown>): Record<string, unknown> {
    return Object.assign(out, {
      address: addressText(this.bytes),
      port: this.#port,
      family: this.#family,
      flowlabel: this.#flowlabel,
    });
  }

  flowlabel(): number {
    return this.#flowlabel;
  }
}

interface Rule {
  readonly text: string;
  readonly from: Uint8Array;
  readonly to: Uint8Array;
}

const familyName = (bytes: Uint8Array): string => (bytes.length === 16 ? "IPv6" : "IPv4");

/** Negative, 0 or positive, as one address comes before another. Of different families: NaN. */
function compare(one: Uint8Array, other: Uint8Array): number {
  if (one.length !== other.length) return Number.NaN;
  for (let index = 0; index < one.length; index++) {
    if (one[index] !== other[index]) return one[index]! - other[index]!;
  }
  return 0;
}

function subnet(base: Uint8Array, prefix: number): { from: Uint8Array; to: Uint8Array } {
  const from = new Uint8Array(base.length);
  const to = new Uint8Array(base.length);
  for (let index = 0; index < base.length; index++) {
    const bits = Math.min(8, Math.max(0, prefix - index * 8));
    const mask = (0xff << (8 - bits)) & 0xff;
    from[index] = base[index]! & mask;
    to[index] = from[index]! | (~mask & 0xff);
  }
  return { from, to };
}

/** An IPv4 address within an IPv6 one, or undefined. */
function mapped(bytes: Uint8Array): Uint8Array | undefined {
  return bytes.length === 16 && addressText(bytes).startsWith("::ffff:") ? bytes.subarray(12) : undefined;
}

/** The rules of a net.BlockList. */
export class BlockList {
  #rules: Rule[] = [];

  addAddress({ bytes }: SocketAddress): void {
    this.#add({ text: `Address: ${familyName(bytes)} ${addressText(bytes)}`, from: bytes, to: bytes });
  }
  addAddresses(addresses: readonly SocketAddress[]): void {
    for (const address of addresses) this.addAddress(address);
  }
  addRange(start: SocketAddress, end: SocketAddress): boolean {
    if (!(compare(start.bytes, end.bytes) <= 0)) return false;
    const text = `Range: ${familyName(start.bytes)} ${addressText(start.bytes)}-${addressText(end.bytes)}`;
    this.#add({ text, from: start.bytes, to: end.bytes });
    return true;
  }
  addSubnet({ bytes }: SocketAddress, prefix: number): void {
    const text = `Subnet: ${familyName(bytes)} ${addressText(bytes)}/${prefix}`;
    this.#add({ text, ...subnet(bytes, prefix) });
  }
  #add(rule: Rule): void {
    this.#rules.unshift(rule);
  }

  removeAddress({ bytes }: SocketAddress): void {
    this.#remove(`Address: ${familyName(bytes)} ${addressText(bytes)}`);
  }
  removeRange(start: SocketAddress, end: SocketAddress): void {
    this.#remove(`Range: ${familyName(start.bytes)} ${addressText(start.bytes)}-${addressText(end.bytes)}`);
  }
  removeSubnet({ bytes }: SocketAddress, prefix: number): void {
    this.#remove(`Subnet: ${familyName(bytes)} ${addressText(bytes)}/${prefix}`);
  }
  #remove(text: string): void {
    this.#rules = this.#rules.filter((rule) => rule.text !== text);
  }

  check({ bytes }: { readonly bytes: Uint8Array }): boolean {
    const four = mapped(bytes);
    return [bytes, ...(four === undefined ? [] : [four])].some((one) =>
      this.#rules.some(({ from, to }) => compare(one, from) >= 0 && compare(one, to) <= 0),
    );
  }
  checkString(text: string): boolean {
    const bytes = addressBytes(text);
    return bytes !== undefined && this.check({ bytes });
  }

  clear(): void {
    this.#rules = [];
  }
  getRules(): string[] {
    return this.#rules.map(({ text }) => text);
  }
  getSize(): number {
    return this.#rules.length;
  }
}
