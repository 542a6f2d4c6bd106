import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DamagedFileError, SealedFile } from "../../../src/sealing/sealed-file.ts";
import { pieceBytes, type SealedFileName, sealedSize } from "../../../src/sealing/sealed-layout.ts";
import { deriveSealingKey } from "../../../src/sealing/sealing-key.ts";
import { writeSealed } from "../../../src/sealing/write-sealed.ts";

const sealing = await deriveSealingKey(Buffer.alloc(32, 1));
const name = { kind: "snapshot", key: "a".repeat(64) };
const meta = { heap: 1, text: "ä" };
const sealBytes = 28;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "brisk-sealed-file-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function sealed(bytes: Uint8Array, as: SealedFileName = name): Promise<Buffer> {
  const path = join(dir, "made");
  {
    await using handle = await open(path, "w");
    await writeSealed(handle, sealing, as, Buffer.from(JSON.stringify(meta)), [bytes]);
  }
  return readFile(path);
}

/** What reading a file with these bytes comes to: the content, or why there is none. */
async function outcome(file: Uint8Array, key = sealing): Promise<Uint8Array | string> {
  const path = join(dir, "read");
  await writeFile(path, file);
  try {
    await using opened = await SealedFile.open(path, key, name);
    return await opened.readContent();
  } catch (error) {
    if (error instanceof DamagedFileError) return error.reason;
    throw error;
  }
}

/** Every byte differs from those near it, so that a piece in a wrong place shows. */
function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8) * 7 + (at >> 16)) & 0xff);
}

describe("a sealed file", () => {
  test.each([0, 1, 15, pieceBytes - 1, pieceBytes, pieceBytes + 1, 2 * pieceBytes, 3 * pieceBytes + 12_345])(
    "gives back a content of %i bytes, and has the size that was foretold",
    async (length) => {
      const bytes = pattern(length);
      const file = await sealed(bytes);
      expect(file.byteLength).toBe(sealedSize(Buffer.byteLength(JSON.stringify(meta)), length));
      expect(Buffer.from((await outcome(file)) as Uint8Array).equals(bytes)).toBe(true);
    },
  );

  test("gives its meta without its content", async () => {
    const file = await sealed(pattern(2 * pieceBytes));
    file.fill(0, file.byteLength - pieceBytes);
    await writeFile(join(dir, "read"), file);
    await using opened = await SealedFile.open(join(dir, "read"), sealing, name);
    expect(await opened.readMeta()).toEqual(meta);
    await expect(opened.readContent()).rejects.toMatchObject({ reason: "Altered" });
  });

  test("holds neither content nor meta in the clear, and is another file each time", async () => {
    const bytes = Buffer.from("a secret of some length");
    const [one, two] = [await sealed(bytes), await sealed(bytes)];
    expect(one.includes("secret")).toBe(false);
    expect(one.includes("heap")).toBe(false);
    expect(one.equals(two)).toBe(false);
  });

  test("does not open with any one bit flipped", async () => {
    const file = await sealed(Buffer.from("content"));
    const reasons: Record<string, number> = {};
    for (let bit = 0; bit < file.byteLength * 8; bit++) {
      const at = bit >> 3;
      file[at]! ^= 1 << (bit & 7);
      const found = await outcome(file);
      file[at]! ^= 1 << (bit & 7);
      if (typeof found !== "string") expect.fail(`bit ${bit} may be flipped`);
      reasons[found] = (reasons[found] ?? 0) + 1;
    }
    expect(await outcome(file)).toEqual(new Uint8Array(Buffer.from("content")));
    const { Altered, Malformed, OtherFormat, OtherInstallation, Truncated } = reasons;
    expect([OtherFormat, OtherInstallation]).toEqual([32, 64]);
    // Magic, and lengths that are now too short; lengths that are now too long.
    expect(Malformed! + Truncated!).toBe(64 + 32 + 64);
    // File id, and everything after the header.
    expect(Altered).toBe((file.byteLength - 32) * 8);
  }, 120_000);

  test.each(["description", "first piece", "second piece", "last piece"])(
    "does not open with a flipped bit in nonce, sealed bytes or tag of its %s",
    async (section) => {
      const bytes = pattern(2 * pieceBytes + 100);
      const file = await sealed(bytes);
      const description = 48;
      const first = file.byteLength - bytes.byteLength - 3 * sealBytes;
      const start = {
        description,
        "first piece": first,
        "second piece": first + sealBytes + pieceBytes,
        "last piece": first + 2 * (sealBytes + pieceBytes),
      }[section]!;
      const end =
        { description: first, "first piece": first + sealBytes + pieceBytes }[section] ?? start + 128;
      for (const at of [start, start + 11, start + 12, start + 60, end - 16, end - 1]) {
        file[at]! ^= 0x10;
        expect(await outcome(file)).toBe("Altered");
        file[at]! ^= 0x10;
      }
      expect(typeof (await outcome(file))).toBe("object");
    },
  );

  test("does not open at any shorter length, nor at a longer one", async () => {
    const file = await sealed(Buffer.from("content"));
    for (let length = 0; length < file.byteLength; length++) {
      expect(await outcome(file.subarray(0, length))).toBe("Truncated");
    }
    expect(await outcome(Buffer.concat([file, Buffer.alloc(1)]))).toBe("Malformed");
  });

  test("does not open with pieces in another order, or of an older state", async () => {
    const bytes = pattern(2 * pieceBytes);
    const file = await sealed(bytes);
    const length = pieceBytes + sealBytes;
    const start = file.byteLength - 2 * length;
    const [first, second] = [file.subarray(start, start + length), file.subarray(start + length)];
    expect(await outcome(Buffer.concat([file.subarray(0, start), second, first]))).toBe("Altered");
    const older = await sealed(bytes);
    expect(
      await outcome(Buffer.concat([file.subarray(0, start), first, older.subarray(start + length)])),
    ).toBe("Altered");
    expect(typeof (await outcome(Buffer.concat([file.subarray(0, start), first, second])))).toBe("object");
  });

  test.each([
    { kind: "code-cache", key: name.key },
    { kind: "snapshot", key: "b".repeat(64) },
  ])("does not open under the name $kind $key", async (other) => {
    expect(await outcome(await sealed(Buffer.from("content"), other))).toBe("Altered");
  });

  test("does not open with another installation's key, not even with this one's id", async () => {
    const file = await sealed(Buffer.from("content"));
    const other = await deriveSealingKey(Buffer.alloc(32, 2));
    expect(await outcome(file, other)).toBe("OtherInstallation");
    expect(await outcome(file, { ...other, id: sealing.id })).toBe("Altered");
  });

  test("does not open when its content was changed while it was written", async () => {
    const bytes = pattern(3 * pieceBytes);
    const path = join(dir, "made");
    {
      await using handle = await open(path, "w");
      const writing = writeSealed(handle, sealing, name, Buffer.from("{}"), [bytes]);
      await new Promise(setImmediate);
      // Hashed already, not yet sealed.
      bytes.fill(0, 10, 100);
      await writing;
    }
    // Each piece opens; together they are not what was hashed.
    expect(await outcome(await readFile(path))).toBe("Altered");
  });
});

test("deriveSealingKey() uses neither the installation's key nor a key that can be read out", async () => {
  const installationKey = Buffer.alloc(32, 1);
  const raw = await crypto.subtle.importKey("raw", installationKey, "AES-GCM", false, ["decrypt"]);
  expect(await outcome(await sealed(Buffer.from("content")), { ...sealing, key: raw })).toBe("Altered");
  await expect(crypto.subtle.exportKey("raw", sealing.key)).rejects.toThrow();
  await expect(deriveSealingKey(Buffer.alloc(31))).rejects.toThrow(TypeError);
});
