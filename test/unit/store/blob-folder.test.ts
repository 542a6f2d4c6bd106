import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { deriveSealingKey } from "../../../src/sealing/sealing-key.ts";
import { BlobFolder } from "../../../src/store/blob-folder.ts";
import { sealPlainBlobs } from "../../../src/store/seal-plain-blobs.ts";

const sealing = await deriveSealingKey(Buffer.alloc(32, 1));
let dir: string;
let blobs: BlobFolder;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "brisk-blobs-"));
  blobs = await BlobFolder.open(dir, sealing);
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const read = async (hash: string) => Buffer.concat(await Array.fromAsync(blobs.read(hash)));
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

test("a flipped bit anywhere is found out before the last piece, and storing the same bytes again repairs it", async () => {
  const bytes = Buffer.alloc(1_200_000, "brisk");
  const { hash } = await blobs.put(bytes);
  const file = blobs.file(hash);
  const whole = await readFile(file);
  for (const at of [3, 40, 60, 100, 600_000, whole.byteLength - 1]) {
    const flipped = Buffer.from(whole);
    flipped.writeUInt8(flipped.readUInt8(at) ^ 1, at);
    await writeFile(file, flipped);
    let given = 0;
    const reading = (async () => {
      for await (const piece of blobs.read(hash)) given += piece.byteLength;
    })();
    await expect(reading, `byte ${at}`).rejects.toThrow();
    expect(given).toBeLessThan(bytes.byteLength);
    await blobs.put(bytes);
    expect((await read(hash)).equals(bytes)).toBe(true);
  }
});

test("a blob in another's place is not given out", async () => {
  const [one, two] = [await blobs.put(Buffer.from("one")), await blobs.put(Buffer.from("two"))];
  await copyFile(blobs.file(two.hash), blobs.file(one.hash));
  await expect(read(one.hash)).rejects.toMatchObject({ reason: "Altered" });
});

test("sealPlainBlobs() seals what is in the clear, in place, however often it is interrupted and called", async () => {
  const sealed = await blobs.put(Buffer.from("sealed already"));
  const plain = [Buffer.from("PK one"), Buffer.from("PK two"), Buffer.alloc(0)];
  for (const bytes of plain) {
    const file = blobs.file(sha256(bytes));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
  const damaged = sha256(Buffer.from("PK three"));
  await mkdir(dirname(blobs.file(damaged)), { recursive: true });
  await writeFile(blobs.file(damaged), "PK 3");
  for (let call = 1; call <= 2; call++) expect(await sealPlainBlobs(dir, sealing)).toEqual([damaged]);
  for (const bytes of plain) {
    expect((await read(sha256(bytes))).equals(bytes)).toBe(true);
    if (bytes.byteLength > 0)
      expect(await readFile(blobs.file(sha256(bytes)), "latin1")).not.toContain(bytes);
  }
  expect((await read(sealed.hash)).toString()).toBe("sealed already");
  await expect(read(damaged)).rejects.toMatchObject({ reason: "Truncated" });
});
