import { pick, type Random } from "./fuzz-case.ts";

/** Texts that have broken programs before. Lone surrogates are fine in JavaScript and JSON, and nowhere else. */
const oddTexts: readonly string[] = [
  "",
  " ",
  "\0",
  "a\0b",
  "\ud800",
  "a\udfff",
  "\udc00\ud800",
  "💥",
  "👩‍👩‍👧‍👦",
  "é",
  "e\u0301",
  "Ω\u0489\u0488",
  "\u202egnirts",
  "\u200b",
  "\ufeff",
  "\ufffe",
  "\u2028",
  "ﷺ",
  "ß",
  "İ",
  "١٢٣",
  "Ⅷ",
  "..",
  "../../etc/passwd",
  "a/b",
  "a\\b",
  "%00",
  "%s%n{}",
  "$%7Bjndi:ldap://x%7D",
  "' OR 1=1 --",
  "<script>",
  "\r\nX: y",
  "\t",
  "__proto__",
  "constructor",
  "toString",
  "null",
  "undefined",
  "NaN",
  "true",
  "0",
  "-1",
  "1e3",
  "0x10",
  "$LATEST",
  "$LATEST.PUBLISHED",
  ":",
  "::::::",
  "arn:aws:lambda:us-east-1:000000000000:function:",
  "arn:aws:lambda:::::",
  "*",
];

const alphabet = [..."abcXYZ019-_.:/$ \0é💥\u202e\u0301"];

export function oddText(random: Random): string {
  switch (random(4)) {
    case 0:
      return pick(random, oddTexts) + pick(random, oddTexts);
    case 1:
      return Array.from({ length: 1 + random(40) }, () => pick(random, alphabet)).join("");
    case 2:
      return `hello${pick(random, oddTexts)}`;
    default:
      return pick(random, oddTexts);
  }
}

/** A text of this many UTF-16 units that looks like an ordinary one of its kind. */
export function plainText(length: number, like = "a"): string {
  return like.slice(0, length).padEnd(length, "a");
}
