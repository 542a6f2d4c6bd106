import { bindHost, complete } from "../../../../snapshots/bridge.ts";
import { runTimers } from "../../../../snapshots/loop.ts";
import { provideInternal } from "../../../../snapshots/registry.ts";
import { type Operation, type OperationEnvironment, parseArguments } from "../../../../src/host/operation.ts";
import * as crypto from "../../../../src/host/operations/crypto.ts";
import * as text from "../../../../src/host/operations/text.ts";
import * as url from "../../../../src/host/operations/url.ts";
import * as webCrypto from "../../../../src/host/operations/web-crypto.ts";
import * as zlib from "../../../../src/host/operations/zlib.ts";
import { OperationError, type Value } from "../../../../src/model/values.ts";

/** The guest's web modules in this process, over the host's real operations: what is compared with Node's own. */
const operations = new Map<string, Operation>(
  [crypto, text, url, webCrypto, zlib].flatMap((area) =>
    Object.values(area)
      .flat()
      .map((operation): [string, Operation] => [operation.name, operation]),
  ),
);
const environment = { id: 1, resources: new Map() } as unknown as OperationEnvironment;

type AsyncOperation = (...args: Value[]) => Promise<Value>;

/** What a test lets the supervisor answer. */
export const remote = new Map<string, AsyncOperation>();

/** The asynchronous operations of the host that were called, by name. */
export const asked: string[] = [];

let waiting: OperationError | undefined;
let timer: NodeJS.Timeout | undefined;

bindHost((name, ...args) => {
  try {
    // As over the wall: bytes are copied, both ways.
    const answer = perform(
      name,
      args.map((arg) => (arg instanceof Uint8Array ? new Uint8Array(arg) : arg)),
    );
    return answer instanceof Uint8Array ? new Uint8Array(answer) : answer;
  } catch (error) {
    waiting = error as OperationError;
    return null;
  }
});

function perform(name: string, args: Value[]): Value {
  switch (name) {
    case "bridge.error":
      return `${waiting?.code}\n${waiting?.message}`;
    case "clock.monotonic":
      return performance.now();
    case "timer.wake":
      return wake(args[0] as number);
    default:
  }
  const operation = operations.get(name);
  if (operation?.kind === "async") {
    const [id, ...rest] = args;
    const parsed = parseArguments(operation, rest, 0);
    asked.push(name);
    completeWith(id, async () => operation.run(environment, ...parsed));
    return undefined;
  }
  if (operation !== undefined) {
    return operation.run(environment, ...parseArguments(operation, args, 0)) as Value;
  }
  const run = remote.get(name);
  if (run === undefined) throw new OperationError("ERR_UNKNOWN", `No operation "${name}"`);
  const [id, ...rest] = args;
  completeWith(id, () => run(...rest));
  return undefined;
}

function completeWith(id: Value, run: () => Promise<Value>): void {
  run().then(
    (value) => complete(id as number, true, value, ""),
    (error: OperationError) => complete(id as number, false, error.code, error.message),
  );
}

function wake(delayMs: number): undefined {
  clearTimeout(timer);
  if (delayMs < 0) return;
  timer = setTimeout(() => {
    if (runTimers()) wake(0);
  }, delayMs);
}

async function provide(): Promise<void> {
  // In the order of their need: one that loads another at its start finds it here.
  provideInternal(
    "brisk:node/internal/errors",
    await import("../../../../snapshots/node/internal/errors.ts"),
  );
  provideInternal("brisk:web/lazy/abort", await import("../../../../snapshots/web/lazy/abort.ts"));
  provideInternal("brisk:web/lazy/base64", await import("../../../../snapshots/web/lazy/base64.ts"));
  provideInternal(
    "brisk:web/lazy/dom-exception",
    await import("../../../../snapshots/web/lazy/dom-exception.ts"),
  );
  provideInternal("brisk:web/lazy/random", await import("../../../../snapshots/web/lazy/random.ts"));
  provideInternal("brisk:web/lazy/crypto", await import("../../../../snapshots/web/lazy/crypto.ts"));
  provideInternal(
    "brisk:web/lazy/crypto-subtle",
    await import("../../../../snapshots/web/lazy/crypto-subtle.ts"),
  );
  provideInternal("brisk:web/lazy/encoding", await import("../../../../snapshots/web/lazy/encoding.ts"));
  provideInternal(
    "brisk:web/lazy/event-target",
    await import("../../../../snapshots/web/lazy/event-target.ts"),
  );
  provideInternal("brisk:web/lazy/url", await import("../../../../snapshots/web/lazy/url.ts"));
  provideInternal(
    "brisk:web/lazy/url-search-params",
    await import("../../../../snapshots/web/lazy/url-search-params.ts"),
  );
  provideInternal(
    "brisk:web/lazy/url-pattern",
    await import("../../../../snapshots/web/lazy/url-pattern.ts"),
  );
  provideInternal("brisk:web/lazy/streams", await import("../../../../snapshots/web/lazy/streams.ts"));
  provideInternal(
    "brisk:web/lazy/compression",
    await import("../../../../snapshots/web/lazy/compression.ts"),
  );
  provideInternal("brisk:web/lazy/blob", await import("../../../../snapshots/web/lazy/blob.ts"));
  provideInternal("brisk:web/lazy/form-data", await import("../../../../snapshots/web/lazy/form-data.ts"));
  provideInternal("brisk:web/lazy/fetch", await import("../../../../snapshots/web/lazy/fetch.ts"));
  provideInternal(
    "brisk:web/lazy/web-assembly",
    await import("../../../../snapshots/web/lazy/web-assembly.ts"),
  );
  provideInternal("brisk:web/lazy/storage", await import("../../../../snapshots/web/lazy/storage.ts"));
  provideInternal("brisk:web/lazy/navigator", await import("../../../../snapshots/web/lazy/navigator.ts"));
  provideInternal(
    "brisk:web/lazy/performance",
    await import("../../../../snapshots/web/lazy/performance.ts"),
  );
  provideInternal(
    "brisk:web/lazy/structured-clone",
    await import("../../../../snapshots/web/lazy/structured-clone.ts"),
  );
  provideInternal(
    "brisk:web/lazy/message-event",
    await import("../../../../snapshots/web/lazy/message-event.ts"),
  );
  provideInternal(
    "brisk:web/lazy/broadcast-channel",
    await import("../../../../snapshots/web/lazy/broadcast-channel.ts"),
  );
  provideInternal(
    "brisk:web/lazy/message-channel",
    await import("../../../../snapshots/web/lazy/message-channel.ts"),
  );
}

await provide();
const { globals } = await import("../../../../snapshots/web/globals.ts");

/** The guest's globals, typed as Node's: a test runs the same code on both. */
export const guest = globals as unknown as typeof globalThis;

/** What `run` makes of one realm, told apart only by its value or by the name of its error. */
export async function outcome(run: () => unknown): Promise<unknown> {
  try {
    return { value: await run() };
  } catch (error) {
    return {
      error: error instanceof Error || (typeof error === "object" && error) ? (error as Error).name : error,
    };
  }
}
