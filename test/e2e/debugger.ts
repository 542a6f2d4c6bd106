import { once } from "node:events";
import { FlattenMap, generatedPositionFor, LEAST_UPPER_BOUND } from "@jridgewell/trace-mapping";
import { WebSocket } from "ws";

type Fields = Record<string, unknown>;

export interface Paused {
  readonly callFrames: readonly {
    readonly callFrameId: string;
    readonly functionName: string;
    readonly location: { readonly scriptId: string; readonly lineNumber: number };
  }[];
}

/** A message of a console. */
export interface Logged {
  readonly args: readonly { readonly value?: unknown }[];
  /** Of what was said before a debugger came there is none. */
  readonly stackTrace?: {
    readonly callFrames: readonly { readonly functionName: string; readonly url: string }[];
  };
}

interface Script {
  readonly scriptId: string;
  readonly url: string;
  readonly sourceMapURL: string;
}

/** A debugger as the ones that people use: a client of the Chrome DevTools Protocol. */
export class Debugger {
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, (answer: Fields) => void>();
  readonly #events: { readonly method: string; readonly params: Fields }[] = [];
  readonly #waiting = new Set<() => void>();
  readonly closed: Promise<unknown>;
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("message", (data) => {
      const message = JSON.parse(String(data)) as Fields & { id?: number; method: string; params: Fields };
      if (message.id === undefined) this.#events.push(message);
      else this.#answers.get(message.id)?.(message);
      for (const look of this.#waiting) look();
    });
  }

  static async connect(url: string): Promise<Debugger> {
    const socket = new WebSocket(url);
    const connected = new Debugger(socket);
    await once(socket, "open");
    return connected;
  }

  /** @throws {Error} The answer is an error. */
  async send<T = Fields>(method: string, params: Fields = {}): Promise<T> {
    const id = ++this.#lastId;
    const answer = await new Promise<Fields>((resolve) => {
      this.#answers.set(id, resolve);
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
    if (answer["error"] !== undefined) throw new Error(`${method}: ${JSON.stringify(answer["error"])}`);
    return answer["result"] as T;
  }

  /** The first event of that kind that was not asked for before. */
  async event<T>(method: string, which: (params: T) => boolean = () => true): Promise<T> {
    for (;;) {
      const at = this.#events.findIndex((event) => event.method === method && which(event.params as T));
      if (at >= 0) return this.#events.splice(at, 1)[0]?.params as T;
      await new Promise<void>((resolve) => {
        const look = () => {
          this.#waiting.delete(look);
          resolve();
        };
        this.#waiting.add(look);
      });
    }
  }

  /** Sets a breakpoint in a file that the bundle was made of, as a debugger does: by the bundle's source map. @param line From 1. */
  async breakAt(file: string, line: number): Promise<Script> {
    const script = await this.event<Script>("Debugger.scriptParsed", ({ sourceMapURL }) =>
      sourceMapURL.startsWith("data:"),
    );
    const map = new FlattenMap(await (await fetch(script.sourceMapURL)).text());
    const source = map.sources.find((one) => one?.endsWith(`/${file}`)) ?? "";
    const position = generatedPositionFor(map, { source, line, column: 0, bias: LEAST_UPPER_BOUND });
    if (position.line === null) throw new Error(`${file}:${line} is not among ${map.sources.join(", ")}`);
    await this.send("Debugger.setBreakpointByUrl", {
      url: script.url,
      lineNumber: position.line - 1,
      columnNumber: position.column,
    });
    return script;
  }

  close(): void {
    this.#socket.close();
  }
}
