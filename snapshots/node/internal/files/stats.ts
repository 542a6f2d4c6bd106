type Numbers = Float64Array | BigInt64Array;

/** As many numbers as Node's library takes for a Stats. */
export const statFields = 18;
const plainFields = 10;

/**
 * What the host says of a file, numbers with commas between them, as Node's library takes it: times, which the host
 * gives in ms, in seconds and the nanoseconds behind those.
 */
export function statsOf(text: string, bigint?: boolean): Numbers {
  const values = text.split(",");
  const stats = new Float64Array(statFields);
  for (let index = 0; index < plainFields; index++) stats[index] = Number(values[index]);
  for (let index = plainFields, at = plainFields; at < statFields; index++, at += 2) {
    const ms = Number(values[index]);
    const seconds = Math.floor(ms / 1000);
    stats[at] = seconds;
    stats[at + 1] = Math.round((ms - seconds * 1000) * 1e6);
  }
  return bigint ? asBigInts(stats) : stats;
}

export function asBigInts(stats: Float64Array): BigInt64Array {
  const values = new BigInt64Array(stats.length);
  for (let index = 0; index < stats.length; index++) values[index] = BigInt(stats[index]!);
  return values;
}

/** Of a file system: type, block size, fragment size, blocks, free, available, files, free files. */
export function statFsOf(text: string, bigint?: boolean): Numbers {
  const [type, size, ...counts] = text.split(",").map(Number) as [number, number, ...number[]];
  const stats = Float64Array.of(type, size, size, ...counts);
  return bigint ? asBigInts(stats) : stats;
}

const kinds = { S_IFMT: 0o170000, folder: 0o040000, file: 0o100000, link: 0o120000 };

export interface FileFacts {
  readonly mode: number;
  readonly isFolder: boolean;
  readonly isFile: boolean;
  readonly isLink: boolean;
  /** The same for two names of one file. */
  readonly identity: string;
  readonly accessedMs: number;
  readonly modifiedMs: number;
}

/** What our own code asks of a file. */
export function factsOf(text: string): FileFacts {
  const values = text.split(",");
  const mode = Number(values[1]);
  const kind = mode & kinds.S_IFMT;
  return {
    mode: mode & 0o7777,
    isFolder: kind === kinds.folder,
    isFile: kind === kinds.file,
    isLink: kind === kinds.link,
    identity: `${values[0]},${values[7]}`,
    accessedMs: Number(values[10]),
    modifiedMs: Number(values[11]),
  };
}
