export { defaultHandler } from "./default-handler.ts";
export { PackError, packFolder } from "./pack-folder.ts";
