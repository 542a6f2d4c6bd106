import { createHash, randomUUID } from "node:crypto";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import type { FunctionRecord, VersionRecord } from "../../src/control/records.ts";
import { openKeys } from "../../src/sealing/index.ts";
import { BundleCache } from "../../src/snapstart/bundle-cache.ts";
import { type Blob, createSqliteStore, type Json, lockDataFolder } from "../../src/store/index.ts";

const atOnce = 32;
/** Functions that have the same zip: a zip is synced to disk, which takes most of the time. */
const sharers = 10;

/** Names are in the order of their numbers. */
export function nameOf(index: number): string {
  return `function-${String(index).padStart(6, "0")}`;
}

/** Copies the first function of a data folder that no server has, until there are `count`; each has its own bundle. */
export async function writeFunctions(dataDir: string, count: number): Promise<void> {
  const lock = lockDataFolder(dataDir);
  const { keys } = await openKeys(dataDir);
  const store = await createSqliteStore(dataDir, keys);
  try {
    const bundles = new BundleCache(join(dataDir, "cache", "bundles"), keys.files);
    await bundles.open();
    const template = nameOf(0);
    const functionRecord = (await store.get("function", template)) as unknown as FunctionRecord;
    const version = (await store.get("version", `${template}:$LATEST`)) as unknown as VersionRecord;
    const { serving } = version;
    if (serving === undefined) throw new Error(`${template} has no bundle`);
    const text = await bundles.read(serving.bundle);
    const codes = new Map<number, Promise<Blob>>();
    const codeOf = (number: number) => {
      const source = `export const handler = () => 'hello ${number}';`;
      const code = codes.get(number) ?? store.putBlob(zipSync({ "index.mjs": strToU8(source) }));
      codes.set(number, code);
      return code;
    };
    let next = 1;
    const write = async () => {
      for (let index = next++; index < count; index = next++) {
        const name = nameOf(index);
        const code = await codeOf(Math.floor(index / sharers));
        const script = Buffer.concat([text.script, Buffer.from(`\n// ${name}\n`)]);
        const hash = createHash("sha256").update(script).digest("hex");
        const key = createHash("sha256").update(`bundle of ${name}`).digest("hex");
        const { builtins } = serving.bundle;
        const bundle = await bundles.put(key, { script: [script], map: [text.map], hash, builtins });
        const configuration = { ...version.configuration, logGroup: `/aws/lambda/${name}` };
        const own = { key: `${name}:$LATEST:${randomUUID()}`, configuration, code, bundle };
        const record: VersionRecord = {
          ...version,
          functionName: name,
          configuration,
          code,
          revisionId: randomUUID(),
          serving: { ...serving, ...own },
        };
        await store.write([
          { kind: "function", key: name, value: { ...functionRecord, name } as unknown as Json },
          { kind: "version", key: `${name}:$LATEST`, value: record as unknown as Json },
        ]);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, write));
  } finally {
    await store.close();
    lock.release();
  }
}
