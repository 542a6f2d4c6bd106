import { expect, test } from "vitest";
import { freeBytes } from "../../../src/model/free-bytes.ts";

test("a large buffer is empty once it was freed, and can be freed twice", () => {
  const bytes = new Uint8Array(64 * 1024);
  freeBytes(bytes);
  freeBytes(bytes);
  expect([bytes.byteLength, bytes.buffer.detached]).toEqual([0, true]);
});

test("a view of a part keeps its buffer, and so does shared memory", () => {
  const whole = new Uint8Array(64 * 1024).fill(1);
  freeBytes(whole.subarray(0, 32 * 1024));
  freeBytes(whole.subarray(1));
  expect(whole.byteLength).toBe(64 * 1024);
  const shared = new Uint8Array(new SharedArrayBuffer(64 * 1024));
  freeBytes(shared);
  expect(shared.byteLength).toBe(64 * 1024);
});
