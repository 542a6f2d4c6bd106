import { callSync } from "../bridge.ts";
import { fileConstants } from "./internal/file-constants.ts";
import { osConstants } from "./internal/os-constants.ts";

const { dlopen, errno, priority, signals } = osConstants;
// Of the modules that have them: either one leads to much more.
const crypto = JSON.parse(callSync("crypto.constants") as string) as Record<string, number | string>;

export default Object.freeze({ ...dlopen, ...errno, ...priority, ...signals, ...fileConstants, ...crypto });
