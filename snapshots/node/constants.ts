import { fileConstants } from "./internal/file-constants.ts";
import { osConstants } from "./internal/os-constants.ts";

// Of the modules that have them: either one leads to much more.
export default { ...osConstants.signals, ...fileConstants };
