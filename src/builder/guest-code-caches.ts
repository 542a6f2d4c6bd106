import { LoadedBundle } from "../host/bundle.ts";
import { ExecutionEnvironment } from "../host/execution-environment.ts";
import { GuestHeap } from "../host/heap.ts";
import { IsolateStock } from "../host/isolate-stock.ts";
import { TurnWatch } from "../host/turn-watch.ts";
import type { Value } from "../model/values.ts";
import type { OpenSettings } from "../model/wire/index.ts";
import { guestUses } from "./guest-uses.ts";

const memorySizeMb = 256;
/** Far more than it takes: a use that never ends must not keep the heap from being made. */
const timeoutMs = 20_000;

const settings: OpenSettings = {
  bundleHash: "",
  handler: "uses.handler",
  runtime: "nodejs24.x",
  memorySizeMb,
  cpuTimeMs: timeoutMs,
  initTimeoutMs: timeoutMs,
  logBytesPerInvocation: 0,
  variables: { AWS_REGION: "us-east-1", AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memorySizeMb) },
};

/** A function that streams, and whose event is everything in `guestUses`. It answers with what went wrong. */
const script = `(function () { return { kind: "cjs", load: () => ({
  handler: awslambda.streamifyResponse(async (event, stream) => {
    const uses = { ${Object.entries(guestUses)
      .map(([name, use]) => `${JSON.stringify(name)}: ${use}`)
      .join(",\n")} };
    const failed = {};
    const guest = { require: (name) => process.getBuiltinModule(name) };
    for (const name of Object.keys(uses)) {
      try {
        await uses[name](guest);
      } catch (error) {
        failed[name] = String(error?.stack ?? error);
      }
    }
    for (const name of guest.require("node:module").builtinModules) guest.require("node:" + name);
    stream = awslambda.HttpResponseStream.from(stream, { statusCode: 200, headers: { a: "b" } });
    stream.write(JSON.stringify(failed));
    stream.end();
  })
}) }; })`;

/** What came of it. */
export interface GuestCodeCaches {
  /** By specifier. A module that nothing loaded has none. */
  readonly caches: ReadonlyMap<string, Uint8Array>;
  /** By the use's name: its module is slower at first use for it, no more. */
  readonly failures: Readonly<Record<string, string>>;
}

/**
 * Uses the guest's modules in an isolate of the base heap as functions would, and takes V8's bytecode of what ran.
 * @param dir A guest folder that has everything but code caches.
 * @throws {Error} The guest does not run at all.
 */
export async function makeCodeCaches(dir: string): Promise<GuestCodeCaches> {
  const heap = new WatchedHeap(dir);
  const watch = new TurnWatch();
  const bundle = new LoadedBundle("", script, Buffer.from('{"version":3,"sections":[]}'));
  const network = new Network();
  const ended = Promise.withResolvers<string>();
  const fail = (detail: string) => ended.reject(new Error(`Cannot use the guest's modules: ${detail}`));
  let answer = "";
  const environment = new ExecutionEnvironment(1, settings, {
    bundle,
    heap,
    watch,
    isolates: new IsolateStock(heap, watch, memorySizeMb),
    onOpened: () => setImmediate(() => environment.invoke(1, timeoutMs, context, "{}", () => {})),
    outbox: {
      operation: (call, name, args) =>
        setImmediate(() => environment.complete(call, true, network.answer(name, args), "")),
      opened: () => {},
      openFailed: (_failure, detail) => fail(detail),
      closed: () => fail("it ended"),
      result: () => fail("it did not stream"),
      failure: (_invocation, _measures, _failure, _lives, detail) => fail(detail),
      streamHead: () => {},
      streamChunk: (_invocation, bytes) => {
        answer += Buffer.from(bytes).toString("utf8");
      },
      streamEnd: () => ended.resolve(answer),
      log: () => {},
    },
  });
  environment.open();
  try {
    // Behind the prelude, which ends in zero bytes.
    const failures = JSON.parse((await ended.promise).split("\0").at(-1)!) as Record<string, string>;
    const caches = new Map<string, Uint8Array>();
    for (const [specifier, text] of heap.loaded) caches.set(specifier, environment.codeOf(text, specifier));
    return { caches, failures };
  } finally {
    environment.close();
  }
}

const context = JSON.stringify({ requestId: "00000000-0000-0000-0000-000000000000", invokedFunctionArn: "" });

/** Says which modules were asked for. */
class WatchedHeap extends GuestHeap {
  readonly loaded = new Map<string, string>();

  override moduleScript(specifier: string): string | undefined {
    const text = super.moduleScript(specifier);
    if (text !== undefined) this.loaded.set(specifier, text);
    return text;
  }
}

/** In place of the network. Each response is a JSON text in one piece, and its connection ends behind it. */
class Network {
  readonly #ended = new Set<string>();
  readonly #asked = new Set<Value>();

  answer(name: string, [handle]: readonly Value[]): Value {
    switch (name) {
      case "dns.lookup":
        return '["192.0.2.1"]';
      case "net.connect":
        return "{}";
      case "net.write":
        this.#asked.add(handle);
        return undefined;
      case "net.read":
        if (!this.#asked.has(handle)) return new Uint8Array(0);
        return (
          this.#once(`socket ${handle}`, `HTTP/1.1 200 OK\r\n${headers.join("\r\n")}\r\n\r\n${body}`) ?? null
        );
      case "fetch.open":
        return JSON.stringify(responseHead);
      case "fetch.read":
        return this.#once(`fetch ${handle}`, body);
      default:
        return undefined;
    }
  }

  #once(handle: string, text: string): Value {
    if (this.#ended.has(handle)) return undefined;
    this.#ended.add(handle);
    return Buffer.from(text);
  }
}

const body = '{"a":1}';
const headers = ["Content-Type: application/json", `Content-Length: ${body.length}`];
const responseHead = {
  status: 200,
  statusText: "OK",
  url: "http://example.com/",
  redirected: false,
  headers: [["content-type", "application/json"]],
};
