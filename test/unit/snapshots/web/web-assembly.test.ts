import { expect, test } from "vitest";
import { addStreamingTo } from "../../../../snapshots/web/web-assembly.ts";
import { guest } from "./guest.ts";

type Streaming = Record<
  "compileStreaming" | "instantiateStreaming",
  (...args: unknown[]) => Promise<unknown>
> & { Module: new () => object };

const native = (globalThis as unknown as { WebAssembly: Streaming }).WebAssembly;
const ours = {} as Streaming;
for (const name of Object.getOwnPropertyNames(native)) ours[name as "Module"] = native[name as "Module"];
addStreamingTo(ours as unknown as Record<string, unknown>);

const empty = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
const headers = { "content-type": "application/wasm" };

/** What comes of it. V8's own messages name the function that was called, and what it was given. */
async function outcome(run: () => Promise<unknown>): Promise<unknown> {
  try {
    return Object.prototype.toString.call(await run());
  } catch (error) {
    const { name, message, code } = error as Error & { code?: string };
    return name === "CompileError" ? { name } : { name, code, message };
  }
}

test.each([
  ["a response", (realm: typeof globalThis) => new realm.Response(empty, { headers })],
  ["a promise of one", (realm: typeof globalThis) => Promise.resolve(new realm.Response(empty, { headers }))],
  ["one without a body", (realm: typeof globalThis) => new realm.Response(null, { headers })],
  ["one of no module", (realm: typeof globalThis) => new realm.Response("not wasm", { headers })],
  ["one of another type", (realm: typeof globalThis) => new realm.Response(empty)],
  ["a failed one", (realm: typeof globalThis) => new realm.Response(empty, { headers, status: 404 })],
  [
    "one that was read",
    (realm: typeof globalThis) => {
      const response = new realm.Response(empty, { headers });
      void response.text();
      return response;
    },
  ],
  ["a number", () => 1],
  ["nothing", () => undefined],
  ["a refusal", () => Promise.reject(new RangeError("refused"))],
])("a module is compiled of %s as Node does", async (_what, source) => {
  for (const name of ["compileStreaming", "instantiateStreaming"] as const) {
    const answer = await outcome(() => ours[name](source(guest)));
    expect(answer).toEqual(await outcome(() => native[name](source(globalThis))));
  }
});

test("both are methods as V8's", async () => {
  for (const name of ["compileStreaming", "instantiateStreaming"] as const) {
    const [mine, theirs] = [ours, native].map((namespace) =>
      Object.getOwnPropertyDescriptor(namespace, name),
    );
    expect({ ...mine, value: mine!.value.length }).toEqual({ ...theirs, value: theirs!.value.length });
  }
  const answer = (await ours.instantiateStreaming(new guest.Response(empty, { headers }), {})) as object;
  expect(Object.keys(answer)).toEqual(["module", "instance"]);
});
