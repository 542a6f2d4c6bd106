import { HTTPParser as Parser } from "http-parser-js";
import { captureContext } from "../../../async-context.ts";

type Result = number | Error | undefined;
type ParseError = Error & { code?: string; reason?: string; bytesParsed?: number };

/** The package's parser, in its own way of saying things. */
interface PackageParser {
  initialize(type: string): void;
  execute(bytes: Uint8Array, start?: number, length?: number): Result;
  finish(): Result;
  state: string;
  line: string;
  offset: number;
  maxHeaderSize: number;
}
interface PackageParserClass {
  new (): PackageParser;
  readonly methods: string[];
  encoding: string;
}
const Base = Parser as unknown as PackageParserClass;

// Headers are bytes: others than ASCII's are looked at as Latin-1.
Base.encoding = "latin1";
if (!Base.methods.includes("QUERY")) Base.methods.push("QUERY");

export const methods = Base.methods;
export const allMethods = Base.methods;

/** What the package says without a code, by Node's codes. */
const codes: Readonly<Record<string, readonly [code: string, reason: string]>> = {
  "max header size exceeded": ["HPE_HEADER_OVERFLOW", "Header overflow"],
  "invalid state for EOF": ["HPE_INVALID_EOF_STATE", "Invalid EOF state"],
  "Expected empty line": ["HPE_STRICT", "Expected LF after chunk data"],
  "invalid request method": ["HPE_INVALID_METHOD", "Invalid method encountered"],
};
const reasons: Readonly<Record<string, string>> = {
  HPE_INVALID_CONSTANT: "Expected HTTP/",
  HPE_UNEXPECTED_CONTENT_LENGTH: "Content-Length already present",
  HPE_LF_EXPECTED: "Missing expected LF after header value",
};

/** What Node's library parses HTTP/1 with. What it calls back belongs to the context of the request. */
export class HTTPParser extends Base {
  static readonly kLenientNone = 0;
  static readonly kLenientHeaderValueRelaxed = 1;
  static readonly kLenientAll = 2;
  #inContext = captureContext();
  #maxHeaderBytes = 16 * 1024;
  #connections: ConnectionsList | undefined;

  override initialize(
    type: string,
    resource?: object,
    maxHeaderBytes?: number,
    _lenient?: number,
    connections?: ConnectionsList,
  ): void {
    super.initialize(type);
    // The package begins anew with each message, and knows of nothing but the type then.
    if (resource === undefined) return;
    this.#inContext = captureContext();
    this.#maxHeaderBytes = maxHeaderBytes || 16 * 1024;
    this.#connections = connections;
    connections?.add(this);
  }

  override execute(bytes: Uint8Array): Result {
    this.maxHeaderSize = this.#maxHeaderBytes;
    return this.#said(this.#inContext(super.execute, this, [bytes]) as Result);
  }

  override finish(): Result {
    return this.#said(this.#inContext(super.finish, this, []) as Result);
  }

  #said(result: Result): Result {
    if (!(result instanceof Error)) return result;
    const error = result as ParseError;
    const [code, reason] = codes[error.message] ?? [error.code, reasons[error.code ?? ""]];
    if (code !== undefined) error.code = code;
    error.reason = reason ?? error.message;
    error.bytesParsed = Math.max(0, this.offset || 0);
    return error;
  }

  get isIdle(): boolean {
    return this.state === "REQUEST_LINE" && this.line === "";
  }

  close(): void {
    this.remove();
  }
  free(): void {
    this.remove();
  }
  remove(): void {
    this.#connections?.delete(this);
    this.#connections = undefined;
  }
  consume(): void {}
  unconsume(): void {}
  pause(): void {}
  resume(): void {}
  getCurrentBuffer(): undefined {}
}

/** The parsers of a server's connections. */
export class ConnectionsList {
  readonly #parsers = new Set<HTTPParser>();
  add(parser: HTTPParser): void {
    this.#parsers.add(parser);
  }
  delete(parser: HTTPParser): void {
    this.#parsers.delete(parser);
  }
  all(): HTTPParser[] {
    return [...this.#parsers];
  }
  idle(): HTTPParser[] {
    return this.all().filter((parser) => parser.isIdle);
  }
  active(): HTTPParser[] {
    return this.all().filter((parser) => !parser.isIdle);
  }
  /** Who talks to a server of this isolate is this isolate: nobody has to be cut off. */
  expired(): HTTPParser[] {
    return [];
  }
}
