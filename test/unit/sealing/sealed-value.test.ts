import { describe, expect, test } from "vitest";
import { SealedValueError, ValueSeal } from "../../../src/sealing/sealed-value.ts";

const secret = Buffer.alloc(32, 1);
const seal = new ValueSeal(secret, "brisk records");
const place = ["version", "hello:1"];

function reasonOf(open: () => unknown): string {
  try {
    open();
  } catch (error) {
    if (error instanceof SealedValueError) return error.reason;
    throw error;
  }
  return "opened";
}

describe("ValueSeal", () => {
  test.each(["", "a", "ä".repeat(10_000)])("gives back what was sealed", (text) => {
    expect(seal.open(seal.seal(text, place), place).toString()).toBe(text);
  });

  test("a value opens in its own place only, however its parts are cut", () => {
    const sealed = seal.seal("value", place);
    for (const other of [
      ["version", "hello:2"],
      ["alias", "hello:1"],
      ["version"],
      ["versionhello:1"],
      ["version", "hello", "1"],
      [],
    ]) {
      expect(reasonOf(() => seal.open(sealed, other))).toBe("Altered");
    }
  });

  test("no flipped bit and no other length opens", () => {
    const sealed = seal.seal("a value", place);
    for (let bit = 0; bit < sealed.byteLength * 8; bit++) {
      const flipped = Buffer.from(sealed);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(
        reasonOf(() => seal.open(flipped, place)),
        `bit ${bit}`,
      ).not.toBe("opened");
    }
    for (let length = 0; length < sealed.byteLength; length++) {
      expect(reasonOf(() => seal.open(sealed.subarray(0, length), place))).not.toBe("opened");
    }
    expect(reasonOf(() => seal.open(Buffer.concat([sealed, Buffer.of(0)]), place))).toBe("Altered");
  });

  test("says when it is another format's or another key's", () => {
    const sealed = seal.seal("value", place);
    const other = Buffer.from(sealed);
    other[0] = 2;
    expect(reasonOf(() => seal.open(other, place))).toBe("OtherFormat");
    const stranger = new ValueSeal(Buffer.alloc(32, 2), "brisk records");
    expect(reasonOf(() => stranger.open(sealed, place))).toBe("OtherKey");
    // The same secret under another label is another key.
    expect(reasonOf(() => new ValueSeal(secret, "brisk access keys").open(sealed, place))).toBe("OtherKey");
    expect(() => new ValueSeal(Buffer.alloc(31), "brisk records")).toThrow(TypeError);
  });

  test("never uses a nonce twice", () => {
    const nonces = Array.from({ length: 1000 }, () => seal.seal("", place).toString("hex", 9, 21));
    expect(new Set(nonces).size).toBe(1000);
  });
});
