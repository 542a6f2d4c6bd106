import { describe, expect, test } from "vitest";
import * as ws from "ws";
import "./guest.ts";
import {
  encodeFrame,
  FrameError,
  FrameReader,
  type Incoming,
  Opcode,
} from "../../../../snapshots/web/lazy/web-socket/frames.ts";

interface Frame {
  readonly opcode: number;
  readonly fin?: boolean;
  readonly payload?: string | Uint8Array;
}

/** As a server sends it. */
function frame({ opcode, fin = true, payload = "" }: Frame): Buffer {
  const options = { opcode, fin, mask: false, rsv1: false, readOnly: true };
  return Buffer.concat(
    // biome-ignore lint/suspicious/noExplicitAny: its types know nothing of it
    (ws as any).Sender.frame(Buffer.from(payload as string), options) as Buffer[],
  );
}

function read(bytes: Uint8Array, cuts: readonly number[]): Incoming[] {
  const reader = new FrameReader();
  const messages: Incoming[] = [];
  let start = 0;
  for (const end of [...cuts, bytes.length]) {
    messages.push(...reader.add(new Uint8Array(bytes).slice(start, end)));
    start = end;
  }
  return messages;
}

describe("FrameReader", () => {
  const frames = [
    frame({ opcode: Opcode.text, payload: "ü😀" }),
    frame({ opcode: Opcode.binary, fin: false, payload: Buffer.alloc(200, 1) }),
    frame({ opcode: Opcode.ping, payload: "between" }),
    frame({ opcode: Opcode.continuation, payload: Buffer.alloc(3, 2) }),
    frame({ opcode: Opcode.text }),
    frame({ opcode: Opcode.close, payload: Buffer.from([0x0f, 0xa1, 0x62, 0x79]) }),
  ];
  const bytes = Buffer.concat(frames);
  const expected: Incoming[] = [
    { kind: "text", text: "ü😀" },
    { kind: "ping", bytes: new Uint8Array(Buffer.from("between")) },
    { kind: "binary", bytes: new Uint8Array([...Buffer.alloc(200, 1), 2, 2, 2]) },
    { kind: "text", text: "" },
    { kind: "close", code: 4001, reason: "by" },
  ];

  test("finds the same messages wherever the bytes are cut", () => {
    for (let at = 0; at <= bytes.length; at++) expect(read(bytes, [at])).toEqual(expected);
    expect(read(bytes, [...bytes.keys()])).toEqual(expected);
  });

  test.each([1, 125, 126, 65_535, 65_536, 200_000])("reads %i bytes", (length) => {
    const payload = Buffer.alloc(length, 5);
    const [message] = read(frame({ opcode: Opcode.binary, payload }), [1, 2, 3, 9, 11]);
    expect(message).toEqual({ kind: "binary", bytes: new Uint8Array(payload) });
  });

  const masked = frame({ opcode: Opcode.text, payload: "a" });
  masked[1]! |= 0x80;
  const extended = frame({ opcode: Opcode.text, payload: "a" });
  extended[0]! |= 0x40;
  const endless = Buffer.from([0x82, 127, 0, 0, 1, 0, 0, 0, 0, 0]);
  test.each<[string, number, Buffer]>([
    ["a masked frame", 1002, masked],
    ["an extension", 1002, extended],
    ["an unknown opcode", 1002, frame({ opcode: 3 })],
    ["a ping in pieces", 1002, frame({ opcode: Opcode.ping, fin: false })],
    ["a long ping", 1002, frame({ opcode: Opcode.ping, payload: Buffer.alloc(126) })],
    ["a message that goes on without having begun", 1002, frame({ opcode: Opcode.continuation })],
    [
      "a message within another",
      1002,
      Buffer.concat([frame({ opcode: Opcode.text, fin: false }), frame({ opcode: Opcode.text })]),
    ],
    ["text that is no UTF-8", 1007, frame({ opcode: Opcode.text, payload: Buffer.from([0xff]) })],
    ["half a close code", 1002, frame({ opcode: Opcode.close, payload: Buffer.from([3]) })],
    [
      "a close code that is never sent",
      1002,
      frame({ opcode: Opcode.close, payload: Buffer.from([3, 0xed]) }),
    ],
    ["a message of a terabyte", 1009, endless],
  ])("refuses %s with %i", (_name, code, wrong) => {
    const error = (() => {
      try {
        return read(wrong, []);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(FrameError);
    expect((error as FrameError).code).toBe(code);
  });
});

test.each([0, 125, 126, 65_536])("encodeFrame() masks %i bytes, each frame with another key", (length) => {
  const payload = new Uint8Array(length).map((_, index) => index);
  const first = encodeFrame(Opcode.binary, payload);
  const start = first.length - length;
  const key = first.subarray(start - 4, start);
  expect(first.subarray(start).map((byte, index) => byte ^ key[index & 3]!)).toEqual(payload);
  expect([first[0], first[1]! & 0x80]).toEqual([0x82, 0x80]);
  expect(encodeFrame(Opcode.binary, payload).subarray(start - 4, start)).not.toEqual(key);
});
