import { encodedName, type Path, pathText } from "../files/host.ts";
import { entriesOf } from "../files/names.ts";
import { answer, type Request, requestable } from "../files/requests.ts";

type Entry = ReturnType<typeof entriesOf>[number];
type Encoding = string | null | undefined;

/** A folder that is read piece by piece. What stood in it when it was opened is known from the start. */
class DirHandle {
  readonly #entries: readonly Entry[];
  #at = 0;

  constructor(entries: readonly Entry[]) {
    this.#entries = entries;
  }

  /** Names and types in turn, of at most so many; null: there are no more. */
  read(encoding: Encoding, count: number, request?: Request): unknown {
    return answer(request, () => {
      const entries = this.#entries.slice(this.#at, this.#at + count);
      this.#at += entries.length;
      if (entries.length === 0) return null;
      return entries.flatMap(({ name, type }) => [encodedName(name, encoding), type]);
    });
  }

  close(request?: Request): unknown {
    return answer(request, () => undefined);
  }
}

export function opendirSync(path: Path): DirHandle {
  const name = pathText(path);
  return new DirHandle(entriesOf(name, { syscall: "opendir", path: name }));
}

export const opendir = requestable(2, (path: Path, _encoding: Encoding) => opendirSync(path));
