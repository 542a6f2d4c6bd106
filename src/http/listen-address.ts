/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * @param address `host:port`, `[ipv6]:port`, `:port` or `port`; without a host it is 127.0.0.1.
 * @throws {RangeError} It is none of these.
 */
export function parseListenAddress(address: string): ListenAddress {
  const match = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]*)):)?(\d{1,5})$/.exec(address.trim());
  const port = Number(match?.[3]);
  if (match === null || port > 65535) {
    throw new RangeError(`Cannot listen on "${address}": expected host:port, such as 127.0.0.1:9001`);
  }
  return { host: match[1] || match[2] || "127.0.0.1", port };
}

/** As it stands in a URL. */
export function urlAuthority(address: ListenAddress): string {
  return `${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
}
