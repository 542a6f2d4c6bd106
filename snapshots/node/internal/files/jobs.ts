import { setImmediate } from "../../../loop.ts";
import { requireInternal } from "../../../registry.ts";
import { asBuffer } from "../as-buffer.ts";
import type { Buffer } from "../buffer-type.ts";
import type { CopyOptions } from "./copy.ts";
import * as descriptors from "./descriptors.ts";
import { absolute, ask, change, errnoOf, fileError, isErrno, orThrow, type Path, pathText } from "./host.ts";
import { answer, attempt, kUsePromises, type Outcome } from "./requests.ts";

/** What Node does with a file in one go. */
const maxWholeBytes = 8 * 1024 * 1024;

/** A whole file that is only read: its bytes, or its text. Undefined: it is too large, or asked for in another way. */
export function readWhole(name: string, flags: number, asText: boolean): Buffer | string | undefined {
  if (flags !== 0) return undefined;
  const answer = ask("readFile", absolute(name), asText);
  if (isErrno(answer, errnoOf.EFBIG)) return undefined;
  const told = isErrno(answer, errnoOf.EISDIR) ? { syscall: "read" } : { syscall: "open", path: name };
  const content = orThrow(answer, told);
  return asText ? (content as string) : asBuffer(content);
}

/** The whole file, by its name or its descriptor. */
export function readAll(file: Path | number, flags: number, asText: boolean): Buffer | string {
  if (typeof file === "number") return asTextIf(asText, descriptors.readRest(opened(file, "read")));
  const name = pathText(file);
  const whole = readWhole(name, flags, asText);
  if (whole !== undefined) return whole;
  const fd = descriptors.open(name, flags, 0o666);
  try {
    return asTextIf(asText, descriptors.readRest(fd));
  } finally {
    descriptors.close(fd);
  }
}

function opened(fd: number, syscall: string): number {
  if (fd < 0) throw fileError(-errnoOf.EBADF, { syscall });
  return fd;
}

const asTextIf = (asText: boolean, bytes: Buffer): Buffer | string => (asText ? bytes.toString() : bytes);

/** All of these bytes, into a file that is opened for them. */
export function writeWhole(file: Path | number, bytes: Uint8Array, flags: number, mode: number): void {
  if (typeof file === "number") {
    descriptors.write(opened(file, "write"), bytes, -1);
    return;
  }
  const name = pathText(file);
  if (bytes.byteLength <= maxWholeBytes) {
    const answer = change(
      "writeFile",
      absolute(name),
      descriptors.own(bytes),
      flags & (2 ** 31 - 1),
      descriptors.fileMode(mode),
    );
    if (answer === 0) return;
    // Of both steps the second one failed: there is a file.
    const isFull = isErrno(answer, errnoOf.ENOSPC) && ask("access", absolute(name), 0) === 0;
    const isWritten = isFull || isErrno(answer, errnoOf.EBADF);
    orThrow(answer, isWritten ? { syscall: "write" } : { syscall: "open", path: name });
    return;
  }
  const fd = descriptors.open(name, flags, mode);
  try {
    descriptors.write(fd, bytes, -1);
  } finally {
    descriptors.close(fd);
  }
}

/** What is done at once, and told in a later turn. */
abstract class Job {
  declare ondone: (...outcome: unknown[]) => void;
  declare context: unknown;

  protected tell<R>(run: () => R, tell: (outcome: Outcome<R>) => void): void {
    const outcome = attempt(run);
    setImmediate(() => tell(outcome));
  }
}

export class ReadFileJob extends Job {
  readonly #path: string;
  readonly #flags: number;

  constructor(path: Path, flags: number) {
    super();
    this.#path = pathText(path);
    this.#flags = flags;
  }

  run(): void {
    this.tell(
      () => readAll(this.#path, this.#flags, false),
      (outcome) => {
        if ("error" in outcome) this.ondone(outcome.error);
        else this.ondone(null, outcome.result, -1);
      },
    );
  }
}

export class WriteFileJob extends Job {
  readonly #write: () => void;

  constructor(path: Path, flags: number, mode: number, data: ArrayBufferView) {
    super();
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#write = () => writeWhole(path, bytes, flags, mode);
  }

  run(): void {
    this.tell(this.#write, (outcome) => this.ondone("error" in outcome ? outcome.error : null));
  }
}

type Copy = typeof import("./copy.ts");

export class CpDirJob extends Job {
  readonly #copy: () => void;

  constructor(
    from: Path,
    to: Path,
    force: boolean,
    dereference: boolean,
    errorOnExist: boolean,
    verbatimSymlinks: boolean,
    preserveTimestamps: boolean,
    mode: number,
  ) {
    super();
    const options: CopyOptions = {
      ...{ force, dereference, errorOnExist, verbatimSymlinks, preserveTimestamps, mode },
      isNew: true,
    };
    this.#copy = () => {
      const { copyFolder } = requireInternal("brisk:node/internal/files/copy") as Copy;
      copyFolder(pathText(from), pathText(to), options);
    };
  }

  run(): void {
    this.tell(this.#copy, (outcome) => this.ondone("error" in outcome ? outcome.error : null));
  }
}

/** An open file, as fs.promises has it. Nobody closes it but who opened it: finalizers cannot be frozen. */
export class FileHandle {
  fd: number;

  constructor(fd: number) {
    this.fd = fd;
  }
  getAsyncId(): number {
    return 0;
  }
  close(): Promise<void> {
    return promised(() => this.closeSync());
  }
  closeSync(): void {
    const { fd } = this;
    this.fd = -1;
    descriptors.close(fd);
  }
  releaseFD(): number {
    const { fd } = this;
    this.fd = -1;
    return fd;
  }
}

function promised<R>(run: () => R): Promise<R> {
  return answer(kUsePromises, run) as Promise<R>;
}
