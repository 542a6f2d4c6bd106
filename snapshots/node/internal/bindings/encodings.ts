import { encodingNumbers } from "../encodings.ts";

/** Of the binding of string_decoder, what the library looks at while it is loaded. */
export const encodings: readonly string[] = Object.keys(encodingNumbers);
