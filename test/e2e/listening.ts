import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Hono } from "hono";
import {
  answerAfterRequest,
  createListeners,
  createUrlHandler,
  type Listeners,
  type ListenersOptions,
} from "../../src/http/index.ts";
import type { UrlTarget } from "../../src/model/functions.ts";
import { ScriptedInvoker, scriptedUrl } from "../unit/http/scripted-invoker.ts";

/** The one function URL there is. */
export const urlHost = `${scriptedUrl.urlId}.lambda-url.us-east-1.localhost`;

/** Listeners on a free port, before a scripted invoker and a small API. */
export class ListeningUnderTest implements AsyncDisposable {
  readonly invoker = new ScriptedInvoker();
  /** May be changed between requests. */
  readonly target: { -readonly [M in keyof UrlTarget]: UrlTarget[M] } = { ...scriptedUrl };
  readonly notes: string[] = [];
  readonly bugs: unknown[] = [];
  readonly #sockets: Socket[] = [];
  #listeners: Listeners | undefined;

  static async start(
    config: Partial<ListenersOptions["config"]> = {},
    more: Partial<ListenersOptions> = {},
  ): Promise<ListeningUnderTest> {
    const started = new ListeningUnderTest();
    const onBug = (error: unknown) => void started.bugs.push(error);
    const urls = createUrlHandler({
      directory: { findUrl: (urlId) => (urlId === started.target.urlId ? started.target : undefined) },
      invoker: started.invoker,
      config: { region: "us-east-1", domains: [], trustForwarded: false, streamBytesPerSecond: 0 },
      onBug,
    });
    const api = new Hono();
    api.use(answerAfterRequest());
    api.get("/api", (c) => c.text("the API"));
    api.post("/refused", (c) => c.text("refused", 403));
    api.post("/echo", async (c) => c.text(await c.req.text()));
    api.onError((error, c) => c.text(error.message, 500));
    started.#listeners = await createListeners({
      config: { host: "127.0.0.1", port: 0, urlListen: undefined, auth: "none", ...config },
      api,
      urls,
      onBug,
      onNote: (text) => started.notes.push(text),
      ...more,
    });
    return started;
  }

  get listeners(): Listeners {
    if (this.#listeners === undefined) throw new Error("It was not started");
    return this.#listeners;
  }

  async open(port = this.listeners.port): Promise<Socket> {
    const socket = connect(port, "127.0.0.1");
    this.#sockets.push(socket);
    socket.on("error", () => {});
    await once(socket, "connect");
    return socket;
  }

  /** Sends text on a connection of its own and reads until the server closes it. */
  async exchange(text: string, port?: number): Promise<string> {
    const socket = await this.open(port);
    const answer = untilClosed(socket);
    socket.write(text);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await this.#listeners?.close();
    if (this.bugs.length > 0) throw new Error("There were bugs", { cause: this.bugs });
  }
}

export async function untilClosed(socket: Socket): Promise<string> {
  let answer = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => {
    answer += chunk;
  });
  await once(socket, "close");
  return answer;
}
