import { crc32 } from "node:zlib";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { EventStreamEncoder } from "../../../src/http/event-stream.ts";
import { parseListenAddress } from "../../../src/http/listen-address.ts";
import { ResponseFlow } from "../../../src/http/response-flow.ts";
import { TokenBucket } from "../../../src/http/token-bucket.ts";
import { TraceIds } from "../../../src/http/trace-header.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("EventStreamEncoder frames a message with lengths and both checksums", () => {
  const message = new EventStreamEncoder("PayloadChunk", "application/octet-stream").encode(
    Buffer.from("hi"),
  );
  expect(message.readUInt32BE(0)).toBe(message.length);
  const headersLength = message.readUInt32BE(4);
  expect(message.readUInt32BE(8)).toBe(crc32(message.subarray(0, 8)));
  const headers: Record<string, string> = {};
  let at = 12;
  while (at < 12 + headersLength) {
    const nameEnd = at + 1 + message.readUInt8(at);
    const valueEnd = nameEnd + 3 + message.readUInt16BE(nameEnd + 1);
    headers[message.toString("latin1", at + 1, nameEnd)] = message.toString("latin1", nameEnd + 3, valueEnd);
    expect(message[nameEnd]).toBe(7);
    at = valueEnd;
  }
  expect(headers).toEqual({
    ":message-type": "event",
    ":event-type": "PayloadChunk",
    ":content-type": "application/octet-stream",
  });
  expect(message.toString("latin1", at, at + 2)).toBe("hi");
  expect(message.readUInt32BE(at + 2)).toBe(crc32(message.subarray(0, at + 2)));
});

test("TokenBucket lets a burst through, then holds to the rate, and fills up no further than the burst", () => {
  const bucket = new TokenBucket(100, 1000, 0);
  expect(bucket.take(100, 0)).toBe(0);
  expect(bucket.take(50, 0)).toBe(50);
  expect(bucket.take(50, 50)).toBe(50);
  expect(bucket.take(100, 10_000)).toBe(0);
  expect(bucket.take(1, 10_000)).toBe(1);
});

test("ResponseFlow reports bytes at once while the sink takes more, and on drain when it was full", () => {
  const { flow, sink, consumed } = openFlow(0);
  flow.write(Buffer.alloc(10));
  expect(consumed()).toBe(10);
  sink.full = true;
  flow.write(Buffer.alloc(20));
  flow.write(Buffer.alloc(5));
  expect(consumed()).toBe(10);
  sink.drain();
  expect(consumed()).toBe(35);
});

test("ResponseFlow keeps reports until it knows the invocation, and makes none after close", () => {
  const { flow, consumed, attach } = openFlow(0, false);
  flow.write(Buffer.alloc(10));
  flow.skip(1);
  attach();
  expect(consumed()).toBe(11);
  flow.close();
  flow.write(Buffer.alloc(10));
  expect(consumed()).toBe(11);
});

test("ResponseFlow opens the window no faster than the cap, after the first 6 MB", () => {
  const megabyte = 1024 * 1024;
  const { flow, consumed } = openFlow(2 * megabyte);
  flow.write(Buffer.alloc(6 * megabyte));
  expect(consumed()).toBe(6 * megabyte);
  flow.write(Buffer.alloc(megabyte));
  expect(consumed()).toBe(6 * megabyte);
  vi.advanceTimersByTime(499);
  expect(consumed()).toBe(6 * megabyte);
  vi.advanceTimersByTime(2);
  expect(consumed()).toBe(7 * megabyte);
  flow.write(Buffer.alloc(megabyte));
  flow.close();
  expect(vi.getTimerCount()).toBe(0);
});

function openFlow(streamBytesPerSecond: number, attached = true) {
  let consumed = 0;
  const sink = {
    full: false,
    drain: () => {},
    send() {},
    head() {},
    end() {},
    abort() {},
    onGone() {},
    write: () => !sink.full,
    onDrain: (listener: () => void) => {
      sink.drain = listener;
    },
  };
  const clock = { now: () => Date.now(), monotonicMs: () => Date.now() };
  const flow = new ResponseFlow(sink, { clock, streamBytesPerSecond });
  const attach = () =>
    flow.attach({
      requestId: "",
      abort() {},
      consumed: (bytes) => {
        consumed += bytes;
      },
    });
  if (attached) attach();
  return { flow, sink, attach, consumed: () => consumed };
}

test("TraceIds continues a well-formed trace, and begins its own instead of a malformed one", () => {
  const ids = new TraceIds();
  const given =
    "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a87bd80c:0";
  expect(ids.next(given, 0)).toEqual({
    receivedJson: `"${given}"`,
    runtime: given,
    answered: "Root=1-67891233-abcdef012345678912345678;Sampled=1",
  });
  for (const bad of [undefined, "", "Root=1-x", "Sampled=1", `Root=1-67891233-${"a".repeat(999)}`]) {
    const trace = ids.next(bad, 1_700_000_000_000);
    expect(trace.runtime).toMatch(/^Root=1-6553f100-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/);
    expect(trace.answered).toBe(`${JSON.parse(trace.receivedJson)};Sampled=0`);
  }
  const seen = new Set(Array.from({ length: 1000 }, () => ids.next(undefined, 0).receivedJson));
  expect(seen.size).toBe(1000);
});

test("parseListenAddress reads host and port, and says what it expects", () => {
  expect(parseListenAddress("0.0.0.0:80")).toEqual({ host: "0.0.0.0", port: 80 });
  expect(parseListenAddress("[::1]:0")).toEqual({ host: "::1", port: 0 });
  expect(parseListenAddress(":9001")).toEqual({ host: "127.0.0.1", port: 9001 });
  expect(parseListenAddress("9001")).toEqual({ host: "127.0.0.1", port: 9001 });
  for (const bad of ["", "host", "host:99999", "a:b:c", "::1:80"])
    expect(() => parseListenAddress(bad)).toThrow("expected host:port");
});
