import { fileConstants } from "../internal/file-constants.ts";
import { fileRefusal, readCalls, writeCalls } from "../internal/file-refusals.ts";

const exported: Record<string, unknown> = { constants: fileConstants };
for (const [name, syscall] of Object.entries({ ...readCalls, ...writeCalls })) {
  exported[name] = async (path: unknown) => {
    throw fileRefusal(name, syscall, path);
  };
}

export default exported;
