import { showAs } from "../inspection.ts";
import { asInterface } from "../interface.ts";
import { loadLazy } from "../lazy.ts";
import { utf8Encode } from "../utf8.ts";
import { CloseEvent } from "./close-event.ts";
import { DOMException } from "./dom-exception.ts";
import { ErrorEvent } from "./error-event.ts";
import { defineHandler, dispatchTrusted, Event, EventTarget } from "./event-target.ts";
import { MessageEvent } from "./message-event.ts";
import { Channel, type ChannelEvents, State } from "./web-socket/channel.ts";
import { type Options, optionsOf, urlOf } from "./web-socket/options.ts";

type Data = string | ArrayBuffer | ArrayBufferView | object;

let channelOf: (socket: WebSocket) => Channel;

/** The client of the WebSocket standard. Its protocol runs here, over a socket of the supervisor's. */
export class WebSocket extends EventTarget {
  static {
    channelOf = (socket) => {
      if (typeof socket !== "object" || socket === null || !(#channel in socket)) {
        throw new TypeError("Illegal invocation");
      }
      return socket.#channel;
    };
  }

  declare onopen: ((event: Event) => unknown) | null;
  declare onerror: ((event: Event) => unknown) | null;
  declare onclose: ((event: CloseEvent) => unknown) | null;
  declare onmessage: ((event: MessageEvent) => unknown) | null;
  readonly #channel: Channel;
  readonly #url: string;
  #binaryType: "blob" | "arraybuffer" = "blob";

  constructor(url: string | object, protocols: string | string[] | Options = []) {
    if (arguments.length === 0) throw new TypeError("WebSocket constructor: 1 argument required");
    super();
    const record = urlOf(`${url as string}`);
    const options = optionsOf(protocols);
    this.#url = record.href;
    this.#channel = new Channel(record, options, eventsOf(this, record.origin));
  }

  close(code: number | undefined = undefined, reason: string | undefined = undefined): void {
    const channel = channelOf(this);
    const status = code === undefined ? undefined : closeCode(code);
    const bytes = utf8Encode(reason === undefined ? "" : `${reason}`);
    if (status !== undefined && status !== 1000 && !(status >= 3000 && status <= 4999)) {
      throw new DOMException("invalid code", "InvalidAccessError");
    }
    if (bytes.length > 123) {
      throw new DOMException(`Reason must be less than 123 bytes; received ${bytes.length}`, "SyntaxError");
    }
    channel.close(status ?? (reason === undefined ? undefined : 1000), bytes);
  }
  send(data: Data): void {
    const channel = channelOf(this);
    if (arguments.length === 0) throw new TypeError("WebSocket.send: 1 argument required");
    if (channel.state === State.connecting) {
      throw new DOMException("Sent before connected.", "InvalidStateError");
    }
    channel.send(contentOf(data));
  }
  get readyState(): number {
    return channelOf(this).state;
  }
  get bufferedAmount(): number {
    return channelOf(this).bufferedAmount;
  }
  get url(): string {
    channelOf(this);
    return this.#url;
  }
  get extensions(): string {
    channelOf(this);
    return "";
  }
  get protocol(): string {
    return channelOf(this).protocol;
  }
  get binaryType(): "blob" | "arraybuffer" {
    channelOf(this);
    return this.#binaryType;
  }
  set binaryType(type: "blob" | "arraybuffer") {
    channelOf(this);
    this.#binaryType = type === "blob" || type === "arraybuffer" ? type : "blob";
  }
}

asInterface(WebSocket, "WebSocket");
for (const type of ["open", "error", "close", "message"]) defineHandler(WebSocket.prototype, type);
for (const [name, value] of Object.entries({ CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 })) {
  const constant = { value, enumerable: true, writable: false, configurable: false };
  Object.defineProperty(WebSocket, name, constant);
  Object.defineProperty(WebSocket.prototype, name, constant);
}
showAs(WebSocket.prototype, ["url", "readyState", "bufferedAmount", "protocol", "extensions", "binaryType"]);

function eventsOf(socket: WebSocket, origin: string): ChannelEvents {
  return {
    opened: () => dispatchTrusted(socket, new Event("open")),
    text: (data) => dispatchTrusted(socket, new MessageEvent("message", { data, origin })),
    binary(bytes) {
      const data =
        socket.binaryType === "arraybuffer" ? bytes.buffer : new (loadLazy("blob").Blob)([bytes] as never);
      dispatchTrusted(socket, new MessageEvent("message", { data, origin }));
    },
    failed(error) {
      dispatchTrusted(socket, new ErrorEvent("error", { error, message: error.message }));
    },
    closed(wasClean, code, reason) {
      dispatchTrusted(socket, new CloseEvent("close", { wasClean, code, reason }));
    },
  };
}

/** As Web IDL clamps an unsigned short. */
function closeCode(code: number): number {
  const number = Number(code);
  return Number.isNaN(number) ? 0 : Math.round(Math.min(65535, Math.max(0, number)));
}

/** What is sent, copied: later writes to a buffer do not change it. A Blob is read when its turn comes. */
function contentOf(data: Data): Parameters<Channel["send"]>[0] {
  if (ArrayBuffer.isView(data)) {
    return { bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice() };
  }
  if (data instanceof ArrayBuffer) return { bytes: new Uint8Array(data).slice() };
  if (typeof data === "object" && data !== null) {
    const { Blob } = loadLazy("blob");
    if (data instanceof Blob) return { blob: data };
  }
  return { text: `${data as string}` };
}
