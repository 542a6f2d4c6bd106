import { readFileSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";

const task = "/var/task/";

/** Where the files that a function has under /var/task lie on this machine. */
export class LocalPaths {
  readonly #root: string;
  readonly #cwd: string;

  /** @param root The folder that is deployed. @param cwd What paths are shown from. */
  constructor(root: string, cwd: string) {
    this.#root = root;
    this.#cwd = cwd;
  }

  /** The file on this machine; undefined for what is none of the function's. */
  fileOf(path: string): string | undefined {
    return path.startsWith(task) ? join(this.#root, path.slice(task.length)) : undefined;
  }

  /** A file of this machine, as the person in front of it would name it. */
  shown(file: string): string {
    const path = relative(this.#cwd, file);
    return path.startsWith("..") || isAbsolute(path) ? file : path;
  }

  /** A text with all paths of the function's in it as they are called here. */
  localize(text: string): string {
    return text.replace(/(?:file:\/\/)?\/var\/task\/([^\s:()'"]+)/g, (_, path: string) =>
      this.shown(join(this.#root, path)),
    );
  }

  read(file: string): string | undefined {
    try {
      return readFileSync(file, "utf8");
    } catch {
      return undefined;
    }
  }
}
