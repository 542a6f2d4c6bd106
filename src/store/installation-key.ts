import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join, resolve } from "node:path";

const keyBytes = 32;

/**
 * The secret of this installation, made at its first start and kept in the data folder, readable by its owner
 * only. Links are signed with it, so they stay valid over a restart and are worthless elsewhere.
 */
export async function loadInstallationKey(dir: string): Promise<Buffer> {
  const root = resolve(dir);
  const file = join(root, "installation.key");
  const found = await readKey(file);
  if (found !== undefined) return found;
  await mkdir(root, { recursive: true, mode: 0o700 });
  const key = randomBytes(keyBytes);
  const temporary = `${file}.new`;
  {
    await using handle = await open(temporary, "w", 0o600);
    await handle.writeFile(key);
    await handle.sync();
  }
  await rename(temporary, file);
  return key;
}

async function readKey(file: string): Promise<Buffer | undefined> {
  try {
    const key = await readFile(file);
    if (key.byteLength === keyBytes) return key;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    return undefined;
  }
  throw new Error(`Cannot use ${file}: it does not hold ${keyBytes} bytes; remove it to have a new key made`);
}
