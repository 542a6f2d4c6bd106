import { isUtf8 } from "node:buffer";
import {
  LambdaServiceException,
  RequestEntityTooLargeException,
  TooManyRequestsException,
} from "../../model/errors.ts";
import type { BytesInFlight } from "../bytes-in-flight.ts";
import { SerializationException } from "./validation-error.ts";

/** A body's members. Its bytes count as held until it is disposed. */
export interface JsonBody extends Disposable {
  readonly members: Readonly<Record<string, unknown>>;
}

export interface JsonBodyOptions {
  readonly limitBytes: number;
  readonly operation: string;
  readonly inFlight: BytesInFlight;
  /** The body, where it was read before to verify its signature; whoever did holds it. */
  readonly signedBody?: Buffer | undefined;
}

/**
 * Reads a JSON structure; without a body, an empty one.
 * @param limitBytes No more than this is ever held; what a client says about its length is only a reason to
 *   refuse sooner.
 * @throws {RequestEntityTooLargeException} @throws {SerializationException}
 * @throws {TooManyRequestsException} Other requests hold too much at this moment.
 */
export async function readJsonBody(
  request: Request,
  { limitBytes, operation, inFlight, signedBody }: JsonBodyOptions,
): Promise<JsonBody> {
  const tooLarge = () =>
    new RequestEntityTooLargeException(
      `Request must be smaller than ${limitBytes} bytes for the ${operation} operation`,
    );
  if (Number(request.headers.get("content-length") ?? 0) > limitBytes) throw tooLarge();
  if (signedBody !== undefined) {
    if (signedBody.byteLength > limitBytes) throw tooLarge();
    return { members: parseStructure(signedBody), [Symbol.dispose]: () => {} };
  }
  const chunks: Uint8Array[] = [];
  let received = 0;
  const release = () => {
    inFlight.release(received);
    received = 0;
  };
  try {
    // Leaving the loop early cancels the stream.
    for await (const chunk of request.body ?? []) {
      if (received + chunk.byteLength > limitBytes) throw tooLarge();
      if (!inFlight.reserve(chunk.byteLength)) throw new TooManyRequestsException("CallerRateLimitExceeded");
      received += chunk.byteLength;
      chunks.push(chunk);
    }
    return { members: parseStructure(Buffer.concat(chunks, received)), [Symbol.dispose]: release };
  } catch (error) {
    release();
    if (error instanceof LambdaServiceException) throw error;
    // The client went away, which is its right; nobody reads this.
    throw new SerializationException("The request body ended early", { cause: error });
  }
}

function parseStructure(bytes: Buffer): Readonly<Record<string, unknown>> {
  if (bytes.byteLength === 0) return {};
  if (!isUtf8(bytes)) throw new SerializationException("Could not parse request body into json: not UTF-8");
  expectFewCommas(bytes);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    const detail = error instanceof Error ? error.message.slice(0, 200) : "";
    throw new SerializationException(`Could not parse request body into json: ${detail}`, { cause: error });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new SerializationException("Could not parse request body into json: expected a structure");
  }
  const members = value as Readonly<Record<string, unknown>>;
  expectFewValues(members);
  return members;
}

/** Code, which is what makes bodies large, has none. */
const maxCommas = 250_000;

/** To parse millions of members, and to count them, takes seconds. @throws {SerializationException} */
function expectFewCommas(bytes: Buffer): void {
  let at = -1;
  for (let count = 0; count <= maxCommas; count++) {
    at = bytes.indexOf(comma, at + 1);
    if (at === -1) return;
  }
  throw new SerializationException(
    `Could not parse request body into json: it holds more than ${maxCommas} values`,
  );
}

const comma = 44;

/**
 * More than all members of any operation come to. Each value that is wrong takes some 10 µs until it is refused, on the
 * thread that serves everybody, and bodies with code may have millions of them.
 */
const maxValues = 50_000;

/** @throws {SerializationException} It names the member at which there are too many. */
function expectFewValues(members: Readonly<Record<string, unknown>>): void {
  let left = maxValues;
  for (const name in members) {
    const open: unknown[] = [members[name]];
    const take = (count: number): void => {
      left -= count;
      if (left >= 0) return;
      const member = name.slice(0, 1).toLowerCase() + name.slice(1, 128);
      throw new SerializationException(
        `Cannot read the value at '${member}': the request holds more than ${maxValues} values`,
      );
    };
    take(1);
    while (open.length > 0) {
      const value = open.pop();
      if (typeof value !== "object" || value === null) continue;
      const items: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
      take(items.length);
      for (const item of items) open.push(item);
    }
  }
}
