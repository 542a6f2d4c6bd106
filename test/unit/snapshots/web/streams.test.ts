import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { guest, outcome } from "./guest.ts";

async function same(run: (realm: typeof globalThis) => unknown): Promise<void> {
  expect(await outcome(() => run(guest))).toEqual(await outcome(() => run(globalThis)));
}

async function collect(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk instanceof Uint8Array ? [...chunk] : chunk);
  return chunks;
}

describe("web streams", () => {
  test("back-pressure, closing and iteration", () =>
    same(async (realm) => {
      const seen: unknown[] = [];
      let count = 0;
      const stream = new realm.ReadableStream<number>(
        {
          pull(controller) {
            seen.push("pull");
            controller.enqueue(count++);
            if (count === 3) controller.close();
          },
        },
        { highWaterMark: 2 },
      );
      seen.push(await collect(stream as unknown as AsyncIterable<unknown>));
      return seen;
    }));

  test("BYOB reads fill the caller's buffer", () =>
    same(async (realm) => {
      const stream = new realm.ReadableStream({
        type: "bytes",
        pull(controller) {
          const view = controller.byobRequest?.view as Uint8Array;
          view[0] = 7;
          controller.byobRequest?.respond(1);
        },
      });
      const reader = stream.getReader({ mode: "byob" });
      const { value, done } = await reader.read(new Uint8Array(4));
      return [[...(value ?? [])], done, value?.buffer.byteLength];
    }));

  test("pipeThrough and pipeTo with an error in the middle", () =>
    same(async (realm) => {
      const written: unknown[] = [];
      const stream = new realm.ReadableStream<number>({
        start(controller) {
          for (const chunk of [1, 2, 3]) controller.enqueue(chunk);
          controller.close();
        },
      });
      const double = new realm.TransformStream<number, number>({
        transform(chunk, controller) {
          if (chunk === 3) throw new RangeError("three");
          controller.enqueue(chunk * 2);
        },
      });
      const sink = new realm.WritableStream({
        write: (chunk) => void written.push(chunk),
        abort: (reason) => void written.push((reason as Error).name),
      });
      try {
        await stream.pipeThrough(double).pipeTo(sink);
      } catch (error) {
        written.push((error as Error).message);
      }
      return written;
    }));

  test("pipeTo obeys a signal", () =>
    same(async (realm) => {
      const controller = new realm.AbortController();
      const stream = new realm.ReadableStream({ pull: () => new Promise(() => {}) });
      const done = stream.pipeTo(new realm.WritableStream(), { signal: controller.signal });
      controller.abort(new RangeError("stop"));
      await done;
    }));

  test("from(), tee() and the queuing strategies", () =>
    same(async (realm) => {
      const ReadableStream = realm.ReadableStream as unknown as {
        from(list: unknown): globalThis.ReadableStream;
      };
      const [a, b] = ReadableStream.from(["x", "y"]).tee();
      const size = new realm.ByteLengthQueuingStrategy({ highWaterMark: 4 }).size(new Uint8Array(3));
      return [await collect(a as never), await collect(b as never), size];
    }));

  test("TextEncoderStream and TextDecoderStream keep characters that chunks split", () =>
    same(async (realm) => {
      const from = (list: unknown[]) =>
        new realm.ReadableStream({
          start(controller) {
            for (const chunk of list) controller.enqueue(chunk);
            controller.close();
          },
        });
      const text = ["a\ud83d", "\ude00b", "\ud83d", "c\udc00\ud800"];
      const encoded = await collect(from(text).pipeThrough(new realm.TextEncoderStream() as never) as never);
      const bytes = [...new TextEncoder().encode("\ufeffa€😀")].map((byte) => new Uint8Array([byte]));
      const decoded = await collect(from(bytes).pipeThrough(new realm.TextDecoderStream() as never) as never);
      return [encoded.flat(), decoded.join("")];
    }));
});

describe("what node:stream and consoles see of web streams", () => {
  test("they are shown, and refuse with codes, as Node's", () =>
    same(async (realm) => {
      const shown = (value: object) => inspect(value);
      const bytes = new realm.ReadableStream({ type: "bytes" });
      const refusals: unknown[] = [];
      const refused = (run: () => unknown) =>
        Promise.resolve()
          .then(run)
          .catch((error: Error & { code?: string }) => refusals.push([error.name, error.code]));
      await refused(() => realm.ReadableStream.from({} as never));
      await refused(() => bytes.getReader({ mode: "byob" }).read(new Uint8Array()));
      return [
        shown(bytes),
        shown(new realm.WritableStream()),
        shown(new realm.TextEncoderStream()),
        refusals,
      ];
    }));

  test("they tell when they close or fail, without being locked", async () => {
    const closed = Symbol.for("nodejs.webstream.isClosedPromise");
    type Closing = { [closed]: { promise: Promise<void> } };
    const source = new guest.ReadableStream({ start: (controller) => controller.enqueue(1) });
    const { promise } = (source as unknown as Closing)[closed];
    expect(source.locked).toBe(false);
    await source.cancel();
    await promise;
    let fail: (reason: unknown) => void = () => {};
    const target = new guest.WritableStream({
      start(controller) {
        fail = (reason) => controller.error(reason);
      },
    });
    const failing = (target as unknown as Closing)[closed].promise;
    fail("broken");
    await expect(failing).rejects.toBe("broken");
  });

  test("a write that comes as the reader leaves is no error of ours", async () => {
    const stream = new guest.TransformStream();
    await new Promise((resolve) => setTimeout(resolve));
    const reader = stream.readable.getReader();
    const read = reader.read();
    const cancelled = reader.cancel("gone");
    const late = await stream.writable.getWriter().write("late").then(String, String);
    await Promise.all([read, cancelled]);
    expect(late).not.toMatch(/not a function/);
  });
});
