import { loadLazy } from "../lazy.ts";
import { codedError, invalidArgType } from "./argument-errors.ts";

/**
 * The bytes of a WebAssembly module that was fetched.
 * @throws {TypeError} It is no response, failed, is of another type than `application/wasm`, or was read before.
 */
export async function read(source: unknown): Promise<ArrayBuffer> {
  const response = await source;
  const { Response } = loadLazy("fetch");
  if (!(response instanceof Response)) {
    throw invalidArgType("source", "an instance of Response or an Promise resolving to Response", response);
  }
  const type = response.headers.get("content-type");
  if (type !== "application/wasm") throw unfit(`has unsupported MIME type '${type}'`);
  if (!response.ok) throw unfit(`has status code ${response.status}`);
  if (response.bodyUsed) throw unfit("body has already been used");
  return response.arrayBuffer();
}

function unfit(what: string): Error {
  return codedError(TypeError, "ERR_WEBASSEMBLY_RESPONSE", `WebAssembly response ${what}`);
}
