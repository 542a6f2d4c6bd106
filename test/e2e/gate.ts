import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * Where handlers meet their test: one that fetches `url` waits until the test lets it go on, so that a test knows
 * how many run without asking a clock. The server needs `egressAllow: ["127.0.0.1/32"]`.
 */
export interface Gate extends AsyncDisposable {
  readonly url: string;
  /** Resolves once so many handlers wait. */
  waiting(count: number): Promise<void>;
  /** Lets all go on that wait. */
  release(): void;
  /** As `release`, and whoever comes later does not wait. */
  open(): void;
}

export async function createGate(): Promise<Gate> {
  const held = new Set<ServerResponse>();
  let isOpen = false;
  let watchers: { count: number; resolve: () => void }[] = [];
  const server = createServer((_incoming, outgoing) => {
    if (isOpen) {
      outgoing.end("go");
      return;
    }
    held.add(outgoing);
    outgoing.on("close", () => held.delete(outgoing));
    watchers = watchers.filter(({ count, resolve }) => {
      if (held.size < count) return true;
      resolve();
      return false;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const release = (): void => {
    for (const outgoing of held) outgoing.end("go");
    held.clear();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    waiting: (count) =>
      held.size >= count
        ? Promise.resolve()
        : new Promise((resolve) => {
            watchers.push({ count, resolve });
          }),
    release,
    open() {
      isOpen = true;
      release();
    },
    async [Symbol.asyncDispose]() {
      isOpen = true;
      release();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
