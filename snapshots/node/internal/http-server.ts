import EventEmitter from "node:events";
import { nextTick } from "../../ticks.ts";
import { unavailable } from "./errors.ts";

/** Can be made and given listeners, as frameworks do before anybody listens; there is no port to listen on. */
export class Server extends EventEmitter {
  listening = false;
  timeout = 0;
  keepAliveTimeout = 5000;
  headersTimeout = 60_000;
  requestTimeout = 300_000;
  maxHeadersCount: number | null = null;
  maxRequestsPerSocket = 0;

  constructor(options?: unknown, listener?: unknown) {
    super();
    const onRequest = typeof options === "function" ? options : listener;
    if (typeof onRequest === "function") this.on("request", onRequest as (...args: unknown[]) => void);
  }
  listen(): never {
    throw unavailable("http.Server.listen", "export a handler and deploy it with a function URL");
  }
  close(callback?: (error?: Error) => void): this {
    nextTick(() => {
      this.emit("close");
      callback?.();
    });
    return this;
  }
  address(): null {
    return null;
  }
  setTimeout(ms: number): this {
    this.timeout = ms;
    return this;
  }
  closeAllConnections(): void {}
  closeIdleConnections(): void {}
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}
