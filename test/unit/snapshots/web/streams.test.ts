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
