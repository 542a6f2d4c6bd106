import { requireInternal } from "../../registry.ts";
import type { Buffer, BufferConstructor } from "./buffer-type.ts";
import { nodeError } from "./errors.ts";

const encodings = new Set(["ascii", "latin1", "utf16le", "utf8"]);

/** buffer.transcode, for the encodings that Node takes; what the other encoding lacks becomes a question mark. */
export function transcode(Buffer: BufferConstructor, source: unknown, from: unknown, to: unknown): Buffer {
  const { normalizeEncoding } = requireInternal("library:internal/util") as {
    normalizeEncoding(encoding: unknown): string | undefined;
  };
  if (!(source instanceof Uint8Array)) {
    const { ERR_INVALID_ARG_TYPE } = (
      requireInternal("library:internal/errors") as {
        codes: Record<string, new (...args: unknown[]) => Error>;
      }
    ).codes;
    throw new ERR_INVALID_ARG_TYPE!("source", ["Buffer", "Uint8Array"], source);
  }
  if (source.length === 0) return Buffer.alloc(0);
  const input = normalizeEncoding(from) ?? "";
  const output = normalizeEncoding(to) ?? "";
  if (!encodings.has(input) || !encodings.has(output)) {
    const code = "U_ILLEGAL_ARGUMENT_ERROR";
    throw Object.assign(nodeError(Error, code, `Unable to transcode Buffer [${code}]`), { errno: 1 });
  }
  const text = Buffer.from(source).toString(input);
  if (output !== "latin1" && output !== "ascii") return Buffer.from(text, output);
  const limit = output === "ascii" ? 0x80 : 0x100;
  return Buffer.from(
    Array.from(text, (character) => {
      const code = character.codePointAt(0) ?? 0;
      return code < limit ? code : 0x3f;
    }),
  );
}
