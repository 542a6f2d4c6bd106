import type { RawData, WebSocket } from "ws";
import type { Attachment, InspectedIsolate, InspectionView } from "../../model/inspection.ts";
import { isCommand, Translation } from "./translation.ts";

/** What may wait for a debugger that does not read: a function can talk to it without end. */
const maxUnreadBytes = 256 * 1024 * 1024;
/** Commands that came before the source map was read. */
const maxEarlyCommands = 1000;

/** A debugger's WebSocket, for as long as its isolate lives. */
export class DebuggerConnection {
  readonly #socket: WebSocket;
  readonly #onBug: (error: unknown) => void;
  /** What it said before it was attached. */
  readonly #early: string[] = [];
  #attachment: Attachment | undefined;
  #translation: Translation | undefined;

  constructor(
    socket: WebSocket,
    isolate: InspectedIsolate,
    sourceMapUrl: Promise<string>,
    options: { readonly isolates: InspectionView; readonly onBug: (error: unknown) => void },
  ) {
    this.#socket = socket;
    this.#onBug = options.onBug;
    socket.on("message", (data, isBinary) => this.#command(data, isBinary));
    socket.on("close", () => this.#attachment?.detach());
    // `close` follows.
    socket.on("error", () => {});
    void this.#attach(isolate, sourceMapUrl, options.isolates);
  }

  async #attach(isolate: InspectedIsolate, sourceMap: Promise<string>, isolates: InspectionView) {
    const sourceMapUrl = await sourceMap.catch((error: unknown) => {
      this.#onBug(error);
      return "";
    });
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    const translation = new Translation(isolate.spec.functionName, sourceMapUrl);
    try {
      this.#attachment = isolates.attach(isolate, {
        said: (message) => this.#told(translation.toDebugger(message)),
        detached: (reason) => this.#detached(reason),
      });
    } catch (error) {
      this.#detached((error as Error).message);
      return;
    }
    this.#translation = translation;
    for (const command of this.#early.splice(0)) this.#send(translation, command);
  }

  #command(data: RawData, isBinary: boolean): void {
    const text = isBinary ? "" : String(data);
    if (!isCommand(text)) {
      this.#socket.close(1008, "A command is JSON with a whole id from 0 and a method");
      return;
    }
    if (this.#translation !== undefined) this.#send(this.#translation, text);
    else if (this.#early.length < maxEarlyCommands) this.#early.push(text);
    else this.#socket.close(1008, "Too many commands at once");
  }

  #send(translation: Translation, command: string): void {
    for (const text of translation.toIsolate(command)) this.#attachment?.send(text);
  }

  #told(text: string | undefined): void {
    if (text !== undefined) this.#socket.send(text);
    if (this.#socket.bufferedAmount > maxUnreadBytes) this.#socket.terminate();
  }

  /** As Chrome tells its front end, which then offers to connect again. */
  #detached(reason: string): void {
    this.#socket.send(JSON.stringify({ method: "Inspector.detached", params: { reason } }));
    this.#socket.close(1001, reason.slice(0, 100));
  }
}
