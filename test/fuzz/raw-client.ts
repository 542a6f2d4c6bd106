import { connect, type Socket } from "node:net";

export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

export type Outcome =
  | { readonly kind: "answer"; readonly answer: RawAnswer }
  /** The server ended the connection without a whole answer. */
  | { readonly kind: "closed" }
  /** It neither answered nor ended it in time. */
  | { readonly kind: "hang" }
  /** It took no connection. */
  | { readonly kind: "refused" };

/** One connection, kept while both sides agree. Below any HTTP client, which would refuse to send much of what is sent here. */
export class RawClient {
  readonly #host: string;
  readonly #port: number;
  readonly #timeoutMs: number;
  #socket: Socket | undefined;

  /** @param timeoutMs From sending a request to the end of its answer. */
  constructor(host: string, port: number, timeoutMs: number) {
    this.#host = host;
    this.#port = port;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * @param hasBody Whether the answer may have one: to HEAD it never has.
   * @param isLast Ends the connection after the answer: whatever else the bytes say to a server is not answered.
   */
  async send(bytes: Buffer, { hasBody = true, isLast = false } = {}): Promise<Outcome> {
    const socket = this.#socket ?? connect(this.#port, this.#host);
    this.#socket = undefined;
    const outcome = await exchange(socket, bytes, hasBody, this.#timeoutMs);
    const isKept =
      outcome.kind === "answer" && !isLast && outcome.answer.headers.get("connection") !== "close";
    if (isKept && !socket.destroyed) this.#socket = socket;
    else socket.destroy();
    return outcome;
  }

  close(): void {
    this.#socket?.destroy();
  }
}

function exchange(socket: Socket, bytes: Buffer, hasBody: boolean, timeoutMs: number): Promise<Outcome> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const finish = (outcome: Outcome) => {
      clearTimeout(timer);
      socket.removeAllListeners();
      // A connection that breaks between two requests is found out by the next.
      socket.on("error", () => {});
      resolve(outcome);
    };
    const timer = setTimeout(() => finish({ kind: "hang" }), timeoutMs);
    const look = (isEnd: boolean): boolean => {
      const answer = parseAnswer(received, hasBody, isEnd);
      if (answer !== undefined) finish({ kind: "answer", answer });
      return answer !== undefined;
    };
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      look(false);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (!look(true)) finish({ kind: error.code === "ECONNREFUSED" ? "refused" : "closed" });
    });
    socket.on("close", () => {
      if (!look(true)) finish({ kind: "closed" });
    });
    socket.write(bytes);
  });
}

/** @returns undefined while more has to come. */
function parseAnswer(bytes: Buffer, hasBody: boolean, isEnd: boolean): RawAnswer | undefined {
  const headEnd = bytes.indexOf("\r\n\r\n");
  if (headEnd === -1) return undefined;
  const [statusLine = "", ...lines] = bytes.toString("latin1", 0, headEnd).split("\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? 0);
  const rest = bytes.subarray(headEnd + 4);
  // 100 Continue: the answer comes after it.
  if (status < 200) return parseAnswer(rest, hasBody, isEnd);
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  if (!hasBody || status === 204 || status === 304) return { status, headers, body: Buffer.alloc(0) };
  if (headers.get("transfer-encoding") === "chunked") {
    const body = unchunked(rest);
    return body && { status, headers, body };
  }
  const length = headers.get("content-length");
  if (length === undefined) return isEnd ? { status, headers, body: rest } : undefined;
  return rest.byteLength < Number(length)
    ? undefined
    : { status, headers, body: rest.subarray(0, Number(length)) };
}

function unchunked(bytes: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    const end = lineEnd + 2 + size;
    if (bytes.byteLength < end + 2) return undefined;
    if (size === 0) return Buffer.concat(parts);
    parts.push(bytes.subarray(lineEnd + 2, end));
    at = end + 2;
  }
}
