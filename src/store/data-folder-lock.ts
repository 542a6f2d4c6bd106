import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";

export interface DataFolderLock {
  /** Lets another server have the folder. */
  release(): void;
}

/** The folder belongs to a running server. */
export class DataFolderInUseError extends Error {
  readonly dir: string;
  constructor(dir: string, owner: string, options?: ErrorOptions) {
    super(
      `Cannot use the data folder ${dir}: another Brisk server${owner} is using it; stop that one, or choose another folder with --data`,
      options,
    );
    this.name = "DataFolderInUseError";
    this.dir = dir;
  }
}

/**
 * Takes the data folder for this process. The lock is an operating system's lock on a file, held through
 * SQLite: it ends with the process however that ends, so a crash leaves nothing to clear away, and a process id
 * that was given anew is never taken for the owner.
 * @throws {DataFolderInUseError} When a server, in this process or another, has it.
 */
export function lockDataFolder(dir: string): DataFolderLock {
  const root = resolve(dir);
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const ownerFile = join(root, "lock.owner");
  const database = new DatabaseSync(join(root, "lock.sqlite"));
  try {
    database.exec("PRAGMA busy_timeout=0; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (error instanceof Error && /locked|busy/i.test(error.message)) {
      throw new DataFolderInUseError(root, ownerOf(ownerFile), { cause: error });
    }
    throw error;
  }
  // Only for the message above; the lock is the truth.
  writeFileSync(ownerFile, `${process.pid}\n`, { mode: 0o600 });
  // The garbage collector closes a database that nobody can reach, and a program may keep nothing of a runtime but
  // its handler. What a timer refers to can be reached.
  const anchor = setInterval(() => database.isOpen, 2 ** 30).unref();
  return {
    release: () => {
      clearInterval(anchor);
      if (database.isOpen) database.close();
    },
  };
}

function ownerOf(file: string): string {
  try {
    const pid = readFileSync(file, "utf8").trim();
    return /^\d+$/.test(pid) ? ` (process ${pid})` : "";
  } catch {
    return "";
  }
}
