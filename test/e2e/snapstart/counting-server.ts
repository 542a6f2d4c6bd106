import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A server of the outside world that remembers what it was asked. */
export class CountingServer implements AsyncDisposable {
  readonly paths: string[] = [];
  readonly #server = createServer((request, response) => {
    const path = request.url ?? "";
    this.paths.push(path);
    // The first ones are answered last, so that answers come in another order than questions.
    const waitMs = path.endsWith("/slow") ? 60 : 0;
    setTimeout(() => response.end(`answer to ${path}, question ${this.paths.length}`), waitMs);
  });

  static async start(): Promise<CountingServer> {
    const server = new CountingServer();
    await new Promise<void>((resolve) => {
      server.#server.listen(0, "127.0.0.1", resolve);
    });
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  asked(prefix: string): string[] {
    return this.paths.filter((path) => path.startsWith(prefix));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
