import { hash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Value } from "../../../../src/model/values.ts";
import { FrameReader, FrameWriter } from "../../../../src/model/wire/index.ts";
import { randomFrom } from "../../../random.ts";

const megabyte = 1024 * 1024;
/** Beyond it, bytes travel as a buffer of their own. */
const foreignBytes = 32 * 1024;

/** One field, and what the reader has to give for it. */
type Field =
  | { type: "u8" | "u32" | "f64"; value: number }
  | { type: "string"; value: string }
  | { type: "bytes"; value: Uint8Array }
  | { type: "payload"; value: string | Uint8Array }
  | { type: "values"; value: Value[] };

interface Frame {
  kind: number;
  id: number;
  fields: Field[];
}

/** A field as it was read. */
interface Read {
  type: Field["type"];
  value: Value | Value[];
}

interface ReadFrame {
  kind: number;
  id: number;
  fields: Read[];
}

function write(writer: FrameWriter, frame: Frame): void {
  writer.begin(frame.kind, frame.id);
  for (const field of frame.fields) {
    if (field.type === "string") writer.string(field.value);
    else if (field.type === "bytes") writer.bytes(field.value);
    else if (field.type === "payload") writer.payload(field.value);
    else if (field.type === "values") writer.values(field.value);
    else writer[field.type](field.value);
  }
  writer.end();
}

/** Views are copied: they belong to the frame. Long ones are told apart by their hash, which is compared faster. */
function owned(value: Value): Value {
  if (!(value instanceof Uint8Array)) return value;
  return value.byteLength > 1000
    ? `${value.byteLength} bytes ${hash("sha256", value)}`
    : Uint8Array.from(value);
}

function read(reader: FrameReader, expected: Frame): Read[] {
  return expected.fields.map(({ type }) => {
    if (type === "string") return { type, value: reader.string() };
    if (type === "bytes" || type === "payload") return { type, value: owned(reader.bytes()) };
    if (type === "values") return { type, value: reader.values().map(owned) };
    return { type, value: reader[type]() };
  });
}

/** What `read` has to give: a payload's text comes back as its bytes. */
function asRead({ kind, id, fields }: Frame): ReadFrame {
  const read = fields.map(({ type, value }): Read => {
    if (type === "payload") return { type, value: owned(Uint8Array.from(Buffer.from(value as string))) };
    return { type, value: Array.isArray(value) ? value.map(owned) : owned(value) };
  });
  return { kind, id, fields: read };
}

/** Sends the frames in batches and cuts what comes out at the places that `cut` names. */
function carry(frames: Frame[], cut: (left: number) => number, flushEvery: number): ReadFrame[] {
  const sent: Buffer[] = [];
  // The pipe owns the buffers: a writer that wrote to them again would change what is copied only at the end.
  const writer = new FrameWriter((buffers) => sent.push(...buffers));
  for (const [index, frame] of frames.entries()) {
    write(writer, frame);
    if ((index + 1) % flushEvery === 0) writer.flush();
  }
  writer.flush();
  const stream = Buffer.concat(sent);
  const received: ReadFrame[] = [];
  const reader = new FrameReader(64 * megabyte, (kind, id, frame) => {
    received.push({ kind, id, fields: read(frame, frames[received.length]!) });
  });
  for (let at = 0; at < stream.byteLength; ) {
    const length = Math.max(1, cut(stream.byteLength - at));
    reader.push(stream.subarray(at, at + length));
    at += length;
  }
  return received;
}

function filled(length: number, seed: number): Uint8Array {
  const random = randomFrom(seed);
  return Uint8Array.from({ length }, () => random(256));
}

const everyField: Field[] = [
  { type: "u8", value: 255 },
  { type: "u32", value: 0xffffffff },
  { type: "f64", value: Number.MIN_VALUE },
  { type: "f64", value: Number.NaN },
  { type: "f64", value: -0 },
  { type: "string", value: "" },
  { type: "string", value: "text: ä €  \u{1f600} \0" },
  { type: "bytes", value: new Uint8Array() },
  { type: "bytes", value: filled(100, 1) },
  { type: "payload", value: '{"json":"ü"}' },
  { type: "payload", value: filled(10, 2) },
  { type: "values", value: [] },
  {
    type: "values",
    value: [undefined, null, false, true, -0, Number.NEGATIVE_INFINITY, 1.5, "value", filled(3, 3)],
  },
];

function randomFrame(random: (below: number) => number): Frame {
  const fields: Field[] = [];
  for (let count = random(8); count > 0; count--) {
    const field = everyField[random(everyField.length)]!;
    // One in six is large: below, at and above what is copied into the batch.
    if (random(6) !== 0) fields.push(field);
    else
      fields.push({
        type: "bytes",
        value: filled(foreignBytes - 2 + random(5) + random(2) * 40_000, random(99)),
      });
  }
  return { kind: random(256), id: random(2 ** 31), fields };
}

describe("FrameWriter to FrameReader", () => {
  it("carries each kind of field unchanged, whatever the places at which the stream is cut", () => {
    const frame: Frame = { kind: 7, id: 0xfffffffe, fields: everyField };
    for (let length = 1; length <= 40; length++) {
      expect(carry([frame, frame], () => length, 1)).toEqual([asRead(frame), asRead(frame)]);
    }
  });

  it.each(Array.from({ length: 12 }, (_, index) => index + 1))(
    "carries random frames in random batches, cut at random (seed %i)",
    (seed) => {
      const random = randomFrom(seed);
      const frames = Array.from({ length: 60 }, () => randomFrame(random));
      const largest = [1, 7, 100, 5000, 70_000][seed % 5]!;
      // Single bytes of megabytes would take long and say nothing more.
      const cut = (left: number) => (left > 300_000 && largest < 5000 ? 50_000 : 1 + random(largest));
      expect(carry(frames, cut, 1 + random(9))).toEqual(frames.map(asRead));
    },
  );

  it.each([foreignBytes - 1, foreignBytes, foreignBytes + 1, 64 * 1024, megabyte])(
    "carries %i bytes between small fields, twice in a frame, and the frame behind",
    (length) => {
      const large: Field = { type: "bytes", value: filled(length, length) };
      const frame: Frame = { kind: 1, id: 2, fields: [...everyField, large, ...everyField, large] };
      const small: Frame = { kind: 3, id: 4, fields: everyField };
      const frames = [small, frame, small, frame, frame, small];
      expect(carry(frames, () => 65_536, frames.length)).toEqual(frames.map(asRead));
    },
  );

  it("carries a string that is longer than a batch", () => {
    const frame: Frame = {
      kind: 1,
      id: 1,
      fields: [
        { type: "string", value: "ä€".repeat(200_000) },
        { type: "u32", value: 5 },
      ],
    };
    expect(carry([frame, frame], () => 65_536, 2)).toEqual([asRead(frame), asRead(frame)]);
  });

  it("carries an unpaired surrogate as U+FFFD", () => {
    const frames: Frame[] = [{ kind: 1, id: 1, fields: [{ type: "string", value: "a\ud800b" }] }];
    expect(carry(frames, () => 9, 1)[0]?.fields).toEqual([{ type: "string", value: "a\ufffdb" }]);
  });
});

describe("FrameWriter", () => {
  it("gives long bytes to the pipe without copying them", () => {
    const sent: Buffer[] = [];
    const writer = new FrameWriter((buffers) => sent.push(...buffers));
    const large = filled(foreignBytes, 1);
    writer.begin(1, 1).bytes(large).end();
    writer.flush();
    expect(sent.some((buffer) => buffer.buffer === large.buffer)).toBe(true);
  });

  it("makes one write of all frames of a batch, and none of nothing", () => {
    const batches: Buffer[][] = [];
    const writer = new FrameWriter((buffers) => batches.push(buffers));
    for (let id = 0; id < 100; id++) writer.begin(1, id).string("text").end();
    writer.flush();
    writer.flush();
    expect(batches).toHaveLength(1);
  });

  it("pendingBytes counts what the next flush writes", () => {
    let written = 0;
    const writer = new FrameWriter((buffers) => {
      for (const buffer of buffers) written += buffer.byteLength;
    });
    for (const length of [10, foreignBytes, 100_000, 3]) {
      writer.begin(1, 1).bytes(new Uint8Array(length)).string("behind").end();
    }
    const { pendingBytes } = writer;
    writer.flush();
    expect([pendingBytes, writer.pendingBytes]).toEqual([written, 0]);
  });

  it("leaves written buffers alone: they belong to the pipe", () => {
    const batches: Buffer[][] = [];
    const writer = new FrameWriter((buffers) => batches.push(buffers));
    writer.begin(1, 1).string("first").end();
    writer.flush();
    const before = Buffer.concat(batches[0] ?? []);
    for (let id = 0; id < 20_000; id++) writer.begin(2, id).string("later").end();
    writer.flush();
    expect(Buffer.concat(batches[0] ?? [])).toEqual(before);
  });
});
