import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Looks for secrets in every byte of every file of a folder, in the ways in which they could lie there.
 * @returns `file: secret`, for each that was found.
 */
export async function findSecrets(dir: string, secrets: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    // Some come and go while a server works.
    const bytes = await readFile(path).catch(() => Buffer.alloc(0));
    for (const secret of secrets) {
      if (shapesOf(secret).some((shape) => bytes.includes(shape))) found.push(`${path}: ${secret}`);
    }
  }
  return found;
}

/** As text of one and two bytes a character, in hex, and in base64 wherever in a longer text it may begin. */
function shapesOf(secret: string): readonly Buffer[] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    // The first and the last characters also hold bits of what stands around it.
    return Buffer.from(text.slice(before === 0 ? 0 : 4, -3));
  });
  return [bytes, Buffer.from(secret, "utf16le"), Buffer.from(bytes.toString("hex")), ...base64];
}
