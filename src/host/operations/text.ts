import { OperationError } from "../../model/values.ts";
import { boolean, bytes, defineOperation, string } from "../operation.ts";

/** The guest cuts longer text into such pieces. */
const MAX_UNITS = 4 * 1024 * 1024;

export const encodeUtf8 = defineOperation({
  name: "text.encodeUtf8",
  kind: "sync",
  args: [string(MAX_UNITS)],
  replay: "pure",
  run: (_environment, text) => new TextEncoder().encode(text),
});

/** Keeps a byte order mark; answers nothing when `fatal` and the bytes are no UTF-8. */
export const decodeUtf8 = defineOperation({
  name: "text.decodeUtf8",
  kind: "sync",
  args: [bytes(MAX_UNITS), boolean()],
  replay: "pure",
  run: (_environment, input, fatal) => decode("utf-8", input, fatal),
});

/** The name of the encoding that has this label; nothing for one that this Node cannot decode. */
export const encodingOf = defineOperation({
  name: "text.encodingOf",
  kind: "sync",
  args: [string(64)],
  replay: "pure",
  run: (_environment, label) => orNothing(() => new TextDecoder(label).encoding),
});

/**
 * Decodes a chunk and keeps nothing: the answer's first character says how many of the last bytes belong to a
 * character that has not ended, and are to be sent again in front of the next chunk.
 * Of ISO-2022-JP, the one encoding whose state is more than that, a shift lasts until the end of its chunk.
 */
export const decodeText = defineOperation({
  name: "text.decode",
  kind: "sync",
  args: [string(64), bytes(64 * 1024 * 1024), boolean(), boolean()],
  replay: "pure",
  run: (_environment, encoding, input, fatal, stream) => {
    const again = stream ? unfinishedBytes(encoding, input) : 0;
    const text = decode(encoding, input.subarray(0, input.length - again), fatal);
    return text === undefined ? undefined : String.fromCharCode(again) + text;
  },
});

const MAX_BASE64_CHARS = 128 * 1024 * 1024;

/** One character for each byte; nothing for what is no base64. */
export const fromBase64 = defineOperation({
  name: "text.atob",
  kind: "sync",
  args: [string(MAX_BASE64_CHARS)],
  replay: "pure",
  run: (_environment, text) => orNothing(() => atob(text)),
});

/** Nothing for a text with characters above 255. */
export const toBase64 = defineOperation({
  name: "text.btoa",
  kind: "sync",
  args: [string(MAX_BASE64_CHARS)],
  replay: "pure",
  run: (_environment, text) => orNothing(() => btoa(text)),
});

const LONGEST_CHARACTER_BYTES = 4;

function unfinishedBytes(encoding: string, input: Uint8Array): number {
  if (encoding.startsWith("utf-16")) return unfinishedUtf16(encoding, input);
  const whole = decoderOf(encoding);
  whole.decode(input, { stream: true });
  if (whole.decode() === "") return 0;
  for (let back = 1; back < LONGEST_CHARACTER_BYTES && back <= input.length; back++) {
    const decoder = decoderOf(encoding);
    decoder.decode(input.subarray(0, input.length - back), { stream: true });
    if (decoder.decode() === "") return back;
  }
  return 0;
}

function unfinishedUtf16(encoding: string, input: Uint8Array): number {
  const odd = input.length % 2;
  const last = input.length - odd - (encoding === "utf-16be" ? 2 : 1);
  const isHighSurrogate = last >= 0 && (input[last]! & 0xfc) === 0xd8;
  return odd + (isHighSurrogate ? 2 : 0);
}

function decode(encoding: string, input: Uint8Array, fatal: boolean): string | undefined {
  const decoder = decoderOf(encoding, { fatal, ignoreBOM: true });
  return orNothing(() => decoder.decode(input));
}

/** @throws {OperationError} There is no such encoding. */
function decoderOf(encoding: string, options?: ConstructorParameters<typeof TextDecoder>[1]): TextDecoder {
  try {
    return new TextDecoder(encoding, options);
  } catch {
    throw new OperationError(
      "ERR_INVALID_ARG_VALUE",
      `Cannot decode "${encoding}": there is no such encoding`,
    );
  }
}

/** That the guest's text or bytes are malformed is an answer, not a refusal. */
function orNothing(run: () => string): string | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
