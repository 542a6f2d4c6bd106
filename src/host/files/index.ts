export { EnvironmentFiles } from "./environment-files.ts";
export { FileError } from "./errno.ts";
export { type FileFolders, HostFiles } from "./host-files.ts";
export { isAllowed, statText } from "./inode.ts";
