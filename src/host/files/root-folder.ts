import { type Folder, type Inode, volume } from "./inode.ts";

const still = {
  volume: volume.root,
  isOwn: false,
  links: 1,
  bytes: 4096,
  accessedMs: 0,
  modifiedMs: 0,
  changedMs: 0,
  bornMs: 0,
} as const;

/** All that an environment sees of a machine. Its parts are made when somebody looks for them. */
export interface Mounts {
  readonly task: () => Folder | undefined;
  readonly opt: () => Folder | undefined;
  readonly tmp: () => Folder;
}

/** `/`, with what Lambda's image has for functions: their code, their layers, `/tmp` and `/dev/null`. */
export function rootFolder({ task, opt, tmp }: Mounts): Folder {
  const nothing = { ...still, kind: "device", number: 5, mode: 0o666, bytes: 0 } as const;
  return fixedFolder(2, {
    dev: () => fixedFolder(3, { null: () => nothing }),
    opt: () => opt() ?? fixedFolder(6, {}),
    tmp,
    var: () => fixedFolder(4, { task: () => task() ?? fixedFolder(7, {}) }),
  });
}

function fixedFolder(number: number, children: Readonly<Record<string, () => Inode>>): Folder {
  const find = (name: string) => (Object.hasOwn(children, name) ? children[name]?.() : undefined);
  return {
    ...still,
    kind: "folder",
    number,
    mode: 0o755,
    links: 2 + Object.keys(children).length,
    find,
    *entries() {
      for (const name of Object.keys(children)) yield [name, find(name)!.kind];
    },
  };
}
