import { unavailable } from "./internal/errors.ts";

function stream(name: string) {
  return class {
    constructor() {
      throw unavailable(`tty.${name}`, "use console, or process.stdout.write");
    }
  };
}

export default { isatty: () => false, ReadStream: stream("ReadStream"), WriteStream: stream("WriteStream") };
