import { describe, expect, it } from "vitest";
import { FrameError, FrameReader } from "../../../../src/model/wire/index.ts";
import { randomFrom } from "../../../random.ts";

const maxFrameBytes = 1024;

function frameOf(length: number, ...body: number[]): Buffer {
  const frame = Buffer.alloc(4 + body.length);
  frame.writeUInt32LE(length);
  frame.set(body, 4);
  return frame;
}

/** A frame of kind 1 and id 0 with these bytes as fields, read by `read`. */
function reading(fields: number[], read: (frame: FrameReader) => unknown): unknown {
  let result: unknown;
  const reader = new FrameReader(maxFrameBytes, (_kind, _id, frame) => {
    result = read(frame);
  });
  // More frames behind: what a field takes too much must not come from them.
  const frame = frameOf(5 + fields.length, 1, 0, 0, 0, 0, ...fields);
  reader.push(Buffer.concat([frame, Buffer.alloc(3)]));
  return result;
}

describe("FrameReader refuses", () => {
  it.each([0, 4, maxFrameBytes + 1, 0xffffffff])(
    "a frame that claims %i bytes, before it has come",
    (length) => {
      const reader = new FrameReader(maxFrameBytes, () => {
        throw new Error("was delivered");
      });
      expect(() => reader.push(frameOf(length))).toThrow(FrameError);
    },
  );

  it("such a length also where it comes byte by byte", () => {
    const reader = new FrameReader(maxFrameBytes, () => {});
    const header = frameOf(maxFrameBytes + 1);
    for (const at of [0, 1, 2]) reader.push(header.subarray(at, at + 1));
    expect(() => reader.push(header.subarray(3))).toThrow(FrameError);
  });

  it.each<[string, number[], (frame: FrameReader) => unknown]>([
    ["u8", [], (frame) => frame.u8()],
    ["u32", [1, 2, 3], (frame) => frame.u32()],
    ["f64", [1, 2, 3, 4, 5, 6, 7], (frame) => frame.f64()],
    ["string's length", [1, 0, 0], (frame) => frame.string()],
    ["string", [3, 0, 0, 0, 97, 98], (frame) => frame.string()],
    ["string of 4 GiB", [255, 255, 255, 255, 97], (frame) => frame.string()],
    ["byte string", [2, 0, 0, 0, 1], (frame) => frame.bytes()],
    ["byte string of 4 GiB", [255, 255, 255, 255, 1], (frame) => frame.bytes()],
    ["optional byte string", [1, 0, 0, 0], (frame) => frame.bytesOrNothing()],
    ["value", [], (frame) => frame.value()],
    ["number value", [4, 0, 0, 0, 0, 0, 0, 0], (frame) => frame.value()],
    ["list of values", [3, 1, 1], (frame) => frame.values()],
  ])("a %s that goes beyond its frame's end", (_field, fields, read) => {
    expect(() => reading(fields, read)).toThrow(FrameError);
  });

  it.each([7, 8, 127, 255])("a value of the unknown type %i", (type) => {
    expect(() => reading([type, 0, 0, 0, 0, 0, 0, 0, 0], (frame) => frame.value())).toThrow(FrameError);
  });
});

describe("FrameReader", () => {
  it("accepts the shortest and the longest frame that are allowed", () => {
    const seen: [number, number][] = [];
    const reader = new FrameReader(maxFrameBytes, (kind, id) => seen.push([kind, id]));
    reader.push(frameOf(5, 9, 1, 0, 0, 0));
    reader.push(
      frameOf(maxFrameBytes, ...[10, 2, 0, 0, 0], ...Array.from({ length: maxFrameBytes - 5 }, () => 0)),
    );
    expect(seen).toEqual([
      [9, 1],
      [10, 2],
    ]);
  });

  it("goes on with the next frame when one was not read to its end", () => {
    const ids: number[] = [];
    const reader = new FrameReader(maxFrameBytes, (_kind, id) => ids.push(id));
    reader.push(Buffer.concat([frameOf(8, 1, 1, 0, 0, 0, 9, 9, 9), frameOf(5, 1, 2, 0, 0, 0)]));
    expect(ids).toEqual([1, 2]);
  });

  it("bytesOrNothing() is empty at the frame's end", () => {
    expect(reading([], (frame) => frame.bytesOrNothing().byteLength)).toBe(0);
    expect(reading([1, 0, 0, 0, 7], (frame) => [...frame.bytesOrNothing()])).toEqual([7]);
  });

  it("keeps what it waits for even if the chunk it came in is written to again", () => {
    const texts: string[] = [];
    const reader = new FrameReader(maxFrameBytes, (_kind, _id, frame) => texts.push(frame.string()));
    const frame = frameOf(11, 1, 0, 0, 0, 0, 2, 0, 0, 0, 111, 107);
    const chunk = Buffer.from(frame.subarray(0, 14));
    reader.push(chunk);
    chunk.fill(0);
    reader.push(frame.subarray(14));
    expect(texts).toEqual(["ok"]);
  });

  it.each(Array.from({ length: 8 }, (_, index) => index + 1))(
    "throws nothing but FrameError, whatever it is given (seed %i)",
    (seed) => {
      const random = randomFrom(seed);
      const fields = ["u8", "u32", "f64", "string", "bytes", "bytesOrNothing", "value", "values"] as const;
      for (let round = 0; round < 400; round++) {
        const reader = new FrameReader(maxFrameBytes, (_kind, _id, frame) => {
          for (let count = random(6); count > 0; count--) frame[fields[random(fields.length)]!]();
        });
        try {
          for (let chunks = 1 + random(8); chunks > 0; chunks--) {
            const chunk = Buffer.from(Uint8Array.from({ length: random(80) }, () => random(256)));
            // Mostly with a length that passes, so that fields are reached.
            if (chunk.byteLength >= 4 && random(4) !== 0) chunk.writeUInt32LE(5 + random(90));
            reader.push(chunk);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
        }
      }
    },
  );
});
