import type { PackRange } from "../model/file-pack.ts";
import { layerRoot, taskRoot } from "../model/function-folders.ts";
import { PackContent, type PackSource, type PackSourceFolder } from "./pack-content.ts";
import { dirname, type PackageFiles } from "./package-files.ts";

/** Of a folder that the zip says nothing of, or of what a zip made on Windows has. */
const folderMode = 0o755;
const fileMode = 0o644;

/** Packs all files of a function and its layers, those that are in its bundle, too. @param send @see PackContent */
export async function packFiles(
  files: PackageFiles,
  send: (section: Uint8Array) => Promise<void>,
): Promise<{ bytes: number; root: PackRange }> {
  return new PackContent(send).write(sourceOf(files));
}

/** A folder with `task` and `opt`. */
function sourceOf(files: PackageFiles): PackSourceFolder {
  const folders = new Map<string, Folder>();
  const folderAt = (path: string): Folder => {
    let folder = folders.get(path);
    if (folder === undefined) {
      folder = new Folder(nameOf(path));
      folders.set(path, folder);
      if (path !== "/") folderAt(dirname(path)).children.push(folder);
    }
    return folder;
  };
  for (const { path, mode, modifiedMs } of files.directories()) {
    const folder = folderAt(path);
    folder.mode = mode || folderMode;
    folder.modifiedMs = modifiedMs;
  }
  for (const entry of files.entries()) {
    const { path, mode, modifiedMs, target } = entry;
    const facts = { name: nameOf(path), modifiedMs, mode: mode || fileMode };
    folderAt(dirname(path)).children.push(
      target === undefined
        ? { ...facts, kind: "file", read: () => files.read(path) }
        : { ...facts, kind: "link", target },
    );
  }
  return new Folder("", [folderAt(taskRoot), folderAt(layerRoot)]);
}

class Folder implements PackSourceFolder {
  readonly kind = "folder";
  readonly name: string;
  mode: number = folderMode;
  modifiedMs = 0;
  readonly children: PackSource[];

  constructor(name: string, children: PackSource[] = []) {
    this.name = name;
    this.children = children;
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
