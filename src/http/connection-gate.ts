import type { Server, Socket } from "node:net";

/** Puts a gate before whatever a server does with a new connection, TLS handshakes included. */
export function gateConnections(server: Server, gate: (socket: Socket, admit: () => void) => void): void {
  const admitting = server.listeners("connection");
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) =>
    gate(socket, () => {
      for (const listener of admitting) listener.call(server, socket);
    }),
  );
}

/**
 * Holds each address to a number of connections, so that one client cannot take them all. A connection over it is
 * closed unanswered, as those over the server's own bound are: an answer would hold it a while longer.
 * @param onRefused Told of the first one, and again of the first after each quiet minute.
 */
export function limitPerAddress(
  server: Server,
  maxPerAddress: number,
  onRefused: (address: string) => void,
): void {
  const connections = new Map<string, number>();
  let lastRefusedMs = Number.NEGATIVE_INFINITY;
  const refused = (address: string): void => {
    const nowMs = performance.now();
    if (nowMs - lastRefusedMs > quietMs) onRefused(address);
    lastRefusedMs = nowMs;
  };
  server.on("drop", (data) => refused(data?.remoteAddress ?? ""));
  gateConnections(server, (socket, admit) => {
    const address = addressBlock(socket.remoteAddress ?? "");
    const open = connections.get(address) ?? 0;
    if (open >= maxPerAddress) {
      refused(address);
      socket.destroy();
      return;
    }
    connections.set(address, open + 1);
    socket.once("close", () => {
      const left = (connections.get(address) ?? 1) - 1;
      if (left === 0) connections.delete(address);
      else connections.set(address, left);
    });
    admit();
  });
}

const quietMs = 60_000;

/** What counts as one address: of IPv6 its first 64 bits, since whoever has one address there has them all. */
export function addressBlock(address: string): string {
  if (!address.includes(":")) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped) return mapped[1] ?? address;
  const [head = "", tail] = address.split("%", 1)[0]?.split("::") ?? [];
  const first = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  const groups = [...first, ...Array<string>(zeros).fill("0"), ...last];
  return `${groups.slice(0, 4).join(":")}::/64`;
}
