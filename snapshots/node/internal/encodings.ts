/** Node's numbers of encodings, by the names that it normalizes to. */
export const encodingNumbers = {
  ascii: 0,
  utf8: 1,
  base64: 2,
  utf16le: 3,
  latin1: 4,
  hex: 5,
  buffer: 6,
  base64url: 7,
} as const;
