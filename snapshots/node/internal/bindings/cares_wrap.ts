import { callAsync } from "../../../bridge.ts";
import { addressBytes, addressText } from "../sockets/ip-address.ts";
import { errnoOf } from "../sockets/socket-errors.ts";

type HostError = Error & { code: string };

export const AI_ADDRCONFIG = 32;
export const AI_V4MAPPED = 8;
export const AI_ALL = 16;
export const DNS_ORDER_VERBATIM = 0;
export const DNS_ORDER_IPV4_FIRST = 1;
export const DNS_ORDER_IPV6_FIRST = 2;

export class GetAddrInfoReqWrap {
  oncomplete!: (error: unknown, addresses?: string[]) => void;
}
export class GetNameInfoReqWrap {
  oncomplete!: (error: unknown, hostname?: string, service?: string) => void;
}
export class QueryReqWrap {
  oncomplete!: (error: unknown, result?: unknown, ttls?: number[]) => void;
}

const isFour = (address: string): boolean => !address.includes(":");

export function getaddrinfo(
  request: GetAddrInfoReqWrap,
  hostname: string,
  family: number,
  _hints: number,
  order: number,
): number {
  addressesOf(hostname).then(
    (all) => {
      const found = all.filter((address) => family === 0 || isFour(address) === (family === 4));
      const first = order === DNS_ORDER_IPV4_FIRST ? isFour : (address: string) => !isFour(address);
      const sorted =
        order === DNS_ORDER_VERBATIM
          ? found
          : [...found.filter(first), ...found.filter((address) => !first(address))];
      if (sorted.length === 0) request.oncomplete("ENOTFOUND");
      else request.oncomplete(null, sorted);
    },
    (error: HostError) => request.oncomplete(error.code),
  );
  return 0;
}

/** Every system knows this one by itself. */
async function addressesOf(hostname: string): Promise<string[]> {
  if (/^localhost\.?$/i.test(hostname)) return ["127.0.0.1", "::1"];
  return JSON.parse((await callAsync("dns.lookup", hostname)) as string) as string[];
}

export function getnameinfo(request: GetNameInfoReqWrap, address: string, port: number): number {
  callAsync("dns.service", address, port).then(
    (answer) => {
      const { hostname, service } = JSON.parse(answer as string) as Record<string, string>;
      request.oncomplete(null, hostname, service);
    },
    (error: HostError) => request.oncomplete(error.code),
  );
  return 0;
}

/** Questions to name servers: the system's, unless others are named. */
export class ChannelWrap {
  readonly #timeoutMs: number;
  readonly #tries: number;
  #servers: [address: string, port: number][] | undefined;
  #running = new Set<QueryReqWrap>();

  constructor(timeoutMs = -1, tries = 4) {
    this.#timeoutMs = timeoutMs;
    this.#tries = tries;
  }

  getHostByAddr(request: QueryReqWrap, address: string): number {
    if (addressBytes(address) === undefined) return errnoOf("EINVAL")!;
    return this.ask(request, "dns.reverse", address);
  }

  ask(request: QueryReqWrap, operation: string, ...args: string[]): number {
    this.#running.add(request);
    const options = {
      ...(this.#servers !== undefined && {
        servers: this.#servers.map(([address, port]) =>
          port === 53 ? address : isFour(address) ? `${address}:${port}` : `[${address}]:${port}`,
        ),
      }),
      ...(this.#timeoutMs >= 0 && { timeoutMs: Math.min(60_000, Math.max(100, this.#timeoutMs)) }),
      ...(this.#tries >= 1 && { tries: Math.min(8, this.#tries) }),
    };
    callAsync(operation, ...args, JSON.stringify(options)).then(
      (answer) => {
        if (!this.#running.delete(request)) return;
        const result = JSON.parse(answer as string) as unknown;
        const hasTtl = args[0] === "A" || args[0] === "AAAA";
        if (!hasTtl) return request.oncomplete(null, result);
        const records = result as { address: string; ttl: number }[];
        request.oncomplete(
          null,
          records.map(({ address }) => address),
          records.map(({ ttl }) => ttl),
        );
      },
      (error: HostError) => {
        if (this.#running.delete(request)) request.oncomplete(error.code);
      },
    );
    return 0;
  }

  cancel(): void {
    const running = this.#running;
    this.#running = new Set();
    for (const request of running) request.oncomplete("ECANCELLED");
  }

  getServers(): [string, number][] {
    return this.#servers?.map(([address, port]) => [address, port]) ?? [];
  }

  setServers(servers: [family: number, address: string, port: number][]): number {
    this.#servers = servers.length === 0 ? undefined : servers.map(([, address, port]) => [address, port]);
    return 0;
  }

  setLocalAddress(): void {}
}

for (const type of [
  "Any",
  "A",
  "Aaaa",
  "Caa",
  "Cname",
  "Mx",
  "Ns",
  "Txt",
  "Tlsa",
  "Srv",
  "Ptr",
  "Naptr",
  "Soa",
]) {
  Object.defineProperty(ChannelWrap.prototype, `query${type}`, {
    value(this: ChannelWrap, request: QueryReqWrap, name: string) {
      return this.ask(request, "dns.resolve", type.toUpperCase(), name);
    },
    configurable: true,
    writable: true,
  });
}

export const strerror = (errno: number): string => `DNS error ${errno}`;

/** The address in its usual spelling; undefined for none. */
export function canonicalizeIP(text: string): string | undefined {
  const bytes = addressBytes(text);
  return bytes === undefined ? undefined : addressText(bytes);
}

export function convertIpv6StringToBuffer(text: string): Uint8Array | null {
  const bytes = addressBytes(text);
  return bytes?.length === 16 ? bytes : null;
}
