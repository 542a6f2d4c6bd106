import EventEmitter from "node:events";

/** Connections are the supervisor's, so an agent's options say nothing here; packages read them back. */
export class Agent extends EventEmitter {
  readonly options: Record<string, unknown>;
  defaultPort = 80;
  protocol = "http:";
  keepAlive: boolean;
  keepAliveMsecs: number;
  maxSockets: number;
  maxFreeSockets: number;
  maxTotalSockets: number;
  scheduling = "lifo";
  readonly sockets = {};
  readonly freeSockets = {};
  readonly requests = {};

  constructor(options: Record<string, unknown> = {}) {
    super();
    this.options = { ...options, path: null };
    this.keepAlive = options["keepAlive"] === true;
    this.keepAliveMsecs = Number(options["keepAliveMsecs"] ?? 1000);
    this.maxSockets = Number(options["maxSockets"] ?? Number.POSITIVE_INFINITY);
    this.maxFreeSockets = Number(options["maxFreeSockets"] ?? 256);
    this.maxTotalSockets = Number(options["maxTotalSockets"] ?? Number.POSITIVE_INFINITY);
  }
  getName(options: { host?: string; port?: unknown } = {}): string {
    return `${options.host ?? "localhost"}:${options.port ?? ""}:`;
  }
  destroy(): void {}
}
