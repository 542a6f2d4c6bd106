import { crc32, inflateRawSync } from "node:zlib";
import { type Entry, fromBufferPromise, getFileNameLowLevel, validateFileName, type ZipFile } from "yauzl";

/** A package that we refuse; the message goes to the caller as InvalidParameterValueException. */
export class ZipRefusal extends Error {}

export const maxUnzippedBytes = 262_144_000;
/** Far above what 250 MB of real packages hold; bounds the memory that names alone can take. */
const maxEntries = 100_000;
const maxPathBytes = 1024;

const brokenZip = "Could not unzip uploaded file. Please check your file, then try to upload again.";
const tooLarge = `Unzipped size must be smaller than ${maxUnzippedBytes} bytes`;

const stored = 0;
const deflated = 8;
const fileTypeBits = 0o170000;
const regularFile = 0o100000;
const directory = 0o040000;
const symbolicLink = 0o120000;

/** The files of a zip by path, `/`-separated and relative. Contents are inflated when asked for. */
export interface ZipArchive {
  readonly paths: readonly string[];
  /** Symbolic links with where they lead, which is whatever their author wrote. */
  readonly links: ReadonlyMap<string, string>;
  /** All folders, whether the zip has entries for them or not. */
  readonly directories: ReadonlySet<string>;
  /** What the zip says of a file, link or folder. */
  facts(path: string): EntryFacts;
  /** What all files have together, inflated. */
  readonly unzippedBytes: number;
  read(path: string): Buffer;
}

export interface EntryFacts {
  /** Permission bits; 0 where the zip has none. */
  readonly mode: number;
  /** Epoch ms; zips have no time zone, so the time in them counts as UTC. */
  readonly modifiedMs: number;
}

interface StoredFile {
  readonly data: Buffer;
  readonly method: number;
  readonly size: number;
}

/**
 * Reads a zip whose author is not trusted. Every entry is inflated once here, since the sizes it declares may
 * lie; a path is accepted only if no file system could take it for another path or a place outside.
 * @throws {ZipRefusal}
 */
export async function openZipArchive(bytes: Buffer): Promise<ZipArchive> {
  const zip = await asRefusal(
    fromBufferPromise(bytes, { lazyEntries: true, decodeStrings: false, autoClose: false }),
  );
  if (zip.entryCount > maxEntries) {
    throw new ZipRefusal(
      `Could not unzip uploaded file: it has ${zip.entryCount} entries, at most ${maxEntries} are allowed`,
    );
  }
  const entries = await asRefusal(readEntries(zip));
  // Checked before anything is inflated, so that an honest bomb costs nothing.
  let declared = 0;
  for (const { entry } of entries) declared += entry.uncompressedSize;
  if (declared > maxUnzippedBytes) throw new ZipRefusal(tooLarge);

  const files = new Map<string, StoredFile>();
  const links = new Map<string, string>();
  const directories = new Set<string>();
  const facts = new Map<string, EntryFacts>();
  for (const { entry, name } of entries) {
    checkKind(entry, name);
    const path = normalizePath(name);
    facts.set(path, factsOf(entry));
    if (name.endsWith("/")) {
      if (entry.uncompressedSize !== 0) throw refuse(name, "is a directory with contents");
      addDirectory(path, name, files, directories);
      continue;
    }
    if (files.has(path)) throw refuse(name, "occurs more than once");
    if (directories.has(path)) throw refuse(name, "is both a file and a directory");
    const slash = path.lastIndexOf("/");
    if (slash > 0) addDirectory(path.slice(0, slash), name, files, directories);
    const { fileDataStart } = await asRefusal(zip.readLocalFileHeaderPromise(entry, { minimal: true }));
    const data = bytes.subarray(fileDataStart, fileDataStart + entry.compressedSize);
    if (data.length !== entry.compressedSize) throw new ZipRefusal(brokenZip);
    const file = { data, method: entry.compressionMethod, size: entry.uncompressedSize };
    if (crc32(inflate(file, name)) !== entry.crc32) throw refuse(name, "does not match its checksum");
    files.set(path, file);
    if (isLink(entry)) links.set(path, linkTarget(inflate(file, name), name));
  }
  return {
    paths: [...files.keys()].filter((path) => !links.has(path)),
    links,
    directories,
    facts: (path) => facts.get(path) ?? { mode: 0, modifiedMs: 0 },
    unzippedBytes: declared,
    read: (path) => {
      const file = files.get(path);
      if (file === undefined) throw new Error(`no such file in the archive: ${path}`);
      return inflate(file, path);
    },
  };
}

/** @throws {ZipRefusal} A function's code and its layers are too large together. */
export function checkTotalSize(task: ZipArchive, layers: readonly ZipArchive[]): void {
  const layerBytes = layers.reduce((sum, layer) => sum + layer.unzippedBytes, 0);
  const bytes = task.unzippedBytes + layerBytes;
  if (bytes <= maxUnzippedBytes) return;
  throw new ZipRefusal(
    layerBytes > maxUnzippedBytes
      ? `Layers consume more than the available size of ${maxUnzippedBytes} bytes`
      : `Function code combined with layers exceeds the maximum allowed size of ${maxUnzippedBytes} bytes. The actual size is ${bytes} bytes.`,
  );
}

async function readEntries(zip: ZipFile): Promise<{ entry: Entry; name: string }[]> {
  const entries: { entry: Entry; name: string }[] = [];
  for await (const entry of zip.eachEntry()) {
    const name = getFileNameLowLevel(
      entry.generalPurposeBitFlag,
      entry.fileNameRaw,
      entry.extraFields,
      false,
    );
    entries.push({ entry, name });
  }
  return entries;
}

function checkKind(entry: Entry, name: string): void {
  if (entry.isEncrypted()) throw refuse(name, "is encrypted");
  if (entry.compressionMethod !== stored && entry.compressionMethod !== deflated) {
    throw refuse(
      name,
      `uses compression method ${entry.compressionMethod}, only 0 (stored) and 8 (deflate) are supported`,
    );
  }
  if (isLink(entry) && !name.endsWith("/")) return;
  const type = (entry.externalFileAttributes >>> 16) & fileTypeBits;
  const expected = name.endsWith("/") ? directory : regularFile;
  if (type !== 0 && type !== regularFile && type !== expected) throw refuse(name, "is not a regular file");
}

/** The upper half holds the Unix mode, where the zip was made on a system that has one. */
function isLink(entry: Entry): boolean {
  return ((entry.externalFileAttributes >>> 16) & fileTypeBits) === symbolicLink;
}

/** Kept as it is: nothing here follows a link but by names of the package's own. */
function linkTarget(content: Buffer, name: string): string {
  const target = content.toString("utf8");
  const isGood = target !== "" && content.length <= maxPathBytes && !target.includes("\0");
  if (!isGood) throw refuse(name, "is a symbolic link that leads nowhere");
  return target;
}

function factsOf(entry: Entry): EntryFacts {
  const modified = entry.getLastModDate({ timezone: "UTC" });
  return {
    mode: (entry.externalFileAttributes >>> 16) & 0o777,
    modifiedMs: Number.isNaN(modified.getTime()) ? 0 : modified.getTime(),
  };
}

/**
 * One spelling per file: Unicode composed, no `.` or empty segments. Paths that differ in case only stay two
 * files, as on Lambda: nothing here is written to a file system that would mix them up.
 */
function normalizePath(name: string): string {
  const complaint = name.includes("\0") ? "holds a NUL" : validateFileName(name);
  if (complaint !== null) throw refuse(name, "does not lie inside of the package");
  const path = name
    .normalize("NFC")
    .split("/")
    .filter((segment) => segment !== "" && segment !== ".")
    .join("/");
  if (path === "" && !name.endsWith("/")) throw refuse(name, "has no name");
  if (Buffer.byteLength(path) > maxPathBytes)
    throw refuse(name, `has a path of more than ${maxPathBytes} bytes`);
  return path;
}

function addDirectory(
  path: string,
  name: string,
  files: ReadonlyMap<string, StoredFile>,
  directories: Set<string>,
): void {
  for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
    const folder = path.slice(0, end);
    if (directories.has(folder)) return;
    if (files.has(folder)) throw refuse(name, "lies in a directory that is a file");
    directories.add(folder);
  }
}

function inflate(file: StoredFile, name: string): Buffer {
  if (file.method === stored) {
    if (file.data.length !== file.size) throw refuse(name, "has another size than it declares");
    return file.data;
  }
  let contents: Buffer;
  try {
    // One byte more than declared is enough to know that the entry lies; the rest is never inflated.
    contents = inflateRawSync(file.data, { maxOutputLength: file.size + 1 });
  } catch (error) {
    if (isTooLong(error)) throw refuse(name, "has another size than it declares");
    throw new ZipRefusal(brokenZip, { cause: error });
  }
  if (contents.length !== file.size) throw refuse(name, "has another size than it declares");
  return contents;
}

function isTooLong(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
}

function refuse(name: string, reason: string): ZipRefusal {
  const shown = name.length > 200 ? `${name.slice(0, 200)}…` : name;
  return new ZipRefusal(`Could not unzip uploaded file: the entry ${JSON.stringify(shown)} ${reason}`);
}

async function asRefusal<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    throw new ZipRefusal(brokenZip, { cause: error });
  }
}
