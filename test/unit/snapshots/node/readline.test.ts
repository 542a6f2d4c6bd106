import type { Readable, Writable } from "node:stream";
import { beforeAll, expect, test } from "vitest";
import { type Guest, type GuestModule, loadGuest } from "./guest-modules.ts";

let guest: Guest;
let streams: { Readable: typeof Readable; Writable: typeof Writable };
beforeAll(async () => {
  guest = await loadGuest();
  streams = guest.require("node:stream");
});

const pieces = ["first\r", "\nsec", Buffer.from("ond ö\n\nlast")];
const expected = ["first", "second ö", "", "last"];

test("lines come as events, however they are cut, and the interface closes behind the last", async () => {
  const { createInterface } = guest.require("node:readline");
  const lines: string[] = [];
  const reader = createInterface({ input: streams.Readable.from(pieces) });
  reader.on("line", (line: string) => lines.push(line));
  await new Promise((resolve) => reader.on("close", resolve));
  expect(lines).toEqual(expected);
  expect(reader.closed).toBe(true);
});

test("an interface is an async iterable of lines", async () => {
  const { createInterface } = guest.require("node:readline");
  expect(await Array.fromAsync(createInterface({ input: streams.Readable.from(pieces) }))).toEqual(expected);
});

const output = () => {
  const written: string[] = [];
  const stream = new streams.Writable({
    write(chunk: Buffer, _encoding, done) {
      written.push(String(chunk));
      done();
    },
  });
  return { written, stream };
};

test("a question is answered by the next line, by callback and by promise", async () => {
  const ask = async (module: GuestModule, question: (reader: GuestModule) => Promise<string>) => {
    const { written, stream } = output();
    const input = new streams.Readable({ read() {} });
    const reader = module.createInterface({ input, output: stream });
    const answer = question(reader);
    input.push("Ada\n");
    const answered = await answer;
    reader.close();
    return [answered, written.join("")];
  };
  expect(
    await ask(guest.require("node:readline"), (reader) => {
      return new Promise((resolve) => reader.question("Name? ", resolve));
    }),
  ).toEqual(["Ada", "Name? "]);
  expect(await ask(guest.require("node:readline/promises"), (reader) => reader.question("Name? "))).toEqual([
    "Ada",
    "Name? ",
  ]);
});

test("a question ends with its signal, and none is asked once the interface is closed", async () => {
  const { createInterface } = guest.require("node:readline/promises");
  const reader = createInterface({ input: new streams.Readable({ read() {} }) });
  await expect(reader.question("?", { signal: AbortSignal.abort() })).rejects.toMatchObject({
    name: "AbortError",
  });
  reader.close();
  await expect(reader.question("?")).rejects.toMatchObject({ code: "ERR_USE_AFTER_CLOSE" });
});

test("process.stdin is one stream, which has ended for who reads it", async () => {
  const process = guest.require("node:process");
  expect(process.stdin).toBe(process.stdin);
  expect([process.stdin.fd, process.stdin.isTTY, process.stdin.readable]).toEqual([0, undefined, true]);
  const { createInterface } = guest.require("node:readline");
  expect(await Array.fromAsync(createInterface({ input: process.stdin }))).toEqual([]);
  expect(process.stdin.readableEnded).toBe(true);
});
