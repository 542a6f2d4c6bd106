import { isUtf8 } from "node:buffer";
import { RequestEntityTooLargeException } from "../../model/errors.ts";
import { SerializationException } from "./validation-error.ts";

/**
 * The members of a JSON body; none when there is no body.
 * @param limitBytes No more than this is ever held; what a client says about its length is only a reason to
 *   refuse sooner.
 * @throws {RequestEntityTooLargeException} @throws {SerializationException}
 */
export async function readJsonBody(
  request: Request,
  limitBytes: number,
  operation: string,
): Promise<Readonly<Record<string, unknown>>> {
  const bytes = await readBody(request, limitBytes, operation);
  if (bytes.byteLength === 0) return {};
  if (!isUtf8(bytes)) throw new SerializationException("Could not parse request body into json: not UTF-8");
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
  return value as Readonly<Record<string, unknown>>;
}

async function readBody(request: Request, limitBytes: number, operation: string): Promise<Buffer> {
  const tooLarge = () =>
    new RequestEntityTooLargeException(
      `Request must be smaller than ${limitBytes} bytes for the ${operation} operation`,
    );
  if (Number(request.headers.get("content-length") ?? 0) > limitBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let received = 0;
  // Leaving the loop early cancels the stream.
  for await (const chunk of request.body ?? []) {
    received += chunk.byteLength;
    if (received > limitBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, received);
}
