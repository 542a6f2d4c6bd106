import { boolean, bytes, defineOperation, either, integer, number, string } from "../operation.ts";

/** Lambda's limit for a response, and room for an error that says that it was exceeded. */
const resultCharacters = 6_291_556;
const maxChunkBytes = 8 * 1024 * 1024;
const maxErrorCharacters = 1024 * 1024;
const maxLogCharacters = 256 * 1024;
/** What a guest can read of a file at once. */
const maxModuleCharacters = 16 * 1024 * 1024;

const tooLarge = JSON.stringify({
  errorType: "Function.ResponseSizeTooLarge",
  errorMessage: `Response payload size exceeded maximum allowed payload size (${resultCharacters} bytes).`,
});

export const lifecycleOperations = [
  defineOperation({
    name: "bridge.error",
    kind: "sync",
    args: [],
    replay: "none",
    run: (environment) => environment.takeError(),
  }),
  defineOperation({
    name: "init.done",
    kind: "sync",
    args: [],
    replay: "none",
    run: (environment) => environment.lifecycle.initialized(),
  }),
  defineOperation({
    name: "init.failed",
    kind: "sync",
    args: [string(maxErrorCharacters)],
    replay: "none",
    run: (environment, error) => environment.lifecycle.initFailed(error),
  }),
  defineOperation({
    name: "rejection.heard",
    kind: "sync",
    args: [],
    replay: "none",
    run: (environment) => environment.lifecycle.rejectionHeard(),
  }),
  defineOperation({
    name: "snapstart.frozen",
    kind: "sync",
    args: [string(4096)],
    replay: "none",
    run: (environment, reason) => environment.lifecycle.frozen(reason),
  }),
  defineOperation({
    name: "invoke.result",
    kind: "sync",
    // Longer results are not refused but answered as Lambda answers them.
    args: [string(Number.MAX_SAFE_INTEGER)],
    replay: "none",
    run: (environment, json) => {
      // Only a result that is long enough to matter is measured in bytes.
      if (json.length * 3 > resultCharacters && Buffer.byteLength(json) > resultCharacters) {
        environment.lifecycle.failed(tooLarge, false);
      } else environment.lifecycle.result(json);
    },
  }),
  defineOperation({
    name: "invoke.failed",
    kind: "sync",
    args: [string(maxErrorCharacters), boolean()],
    replay: "none",
    run: (environment, error, isFatal) => environment.lifecycle.failed(error, isFatal),
  }),
  defineOperation({
    name: "stream.start",
    kind: "sync",
    args: [string(1024)],
    replay: "none",
    run: (environment, contentType) => environment.lifecycle.streamStarted(contentType),
  }),
  defineOperation({
    name: "stream.write",
    kind: "sync",
    args: [either(bytes(maxChunkBytes), string(maxChunkBytes / 4))],
    replay: "none",
    run: (environment, chunk) => environment.lifecycle.streamWrite(chunk),
  }),
  defineOperation({
    name: "stream.end",
    kind: "sync",
    args: [],
    replay: "none",
    run: (environment) => environment.lifecycle.streamEnded(),
  }),
  defineOperation({
    name: "log",
    kind: "sync",
    args: [string(16), string(maxLogCharacters)],
    replay: "none",
    run: (environment, level, text) => environment.log(level, text),
  }),
  defineOperation({
    name: "timer.wake",
    kind: "sync",
    args: [number(-1, 2 ** 31), boolean()],
    replay: "taped",
    run: (environment, delayMs, isAlive) => environment.wake(delayMs, isAlive),
  }),
  defineOperation({
    name: "clock.monotonic",
    kind: "sync",
    args: [],
    replay: "taped",
    run: (environment) => performance.now() - environment.openedMs,
  }),
  defineOperation({
    name: "clock.wall",
    kind: "sync",
    args: [],
    replay: "taped",
    run: () => Date.now(),
  }),
  defineOperation({
    name: "random.math",
    kind: "sync",
    args: [],
    replay: "taped",
    run: () => Math.random(),
  }),
  defineOperation({
    name: "invoke.remainingMs",
    kind: "sync",
    args: [],
    replay: "none",
    run: (environment) => environment.remainingMs(),
  }),
  defineOperation({
    name: "process.exit",
    kind: "sync",
    args: [integer(-(2 ** 31), 2 ** 31)],
    replay: "none",
    run: (environment, status) => environment.exit(status & 0xff),
  }),
  defineOperation({
    name: "module.load",
    kind: "sync",
    args: [string(256)],
    replay: "none",
    run: (environment, specifier) => environment.loadModule(specifier),
  }),
  defineOperation({
    name: "module.compile",
    kind: "sync",
    args: [string(4096), string(maxModuleCharacters)],
    replay: "taped",
    run: (environment, path, code) => environment.compileModule(path, code),
  }),
  defineOperation({
    name: "source.position",
    kind: "sync",
    args: [integer(0, 2 ** 31), integer(0, 2 ** 31)],
    replay: "pure",
    run: (environment, line, column) => environment.sourcePosition(line, column),
  }),
];
