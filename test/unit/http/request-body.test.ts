import { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { BytesInFlight } from "../../../src/http/bytes-in-flight.ts";
import { collectBody, type RequestBody } from "../../../src/http/request-body.ts";

function send(inFlight: BytesInFlight, remoteAddress: string, bytes: number) {
  const incoming = Object.assign(new EventEmitter(), { socket: { remoteAddress } });
  const body = new Promise<RequestBody>((done) => {
    collectBody(incoming as unknown as IncomingMessage, 1000, inFlight, done);
  });
  incoming.emit("data", Buffer.alloc(bytes));
  const after = (event: "end" | "close") => () => {
    incoming.emit(event);
    return body;
  };
  return { end: after("end"), leave: after("close") };
}

test("bodies that one address sends slowly leave room for those of others, and give it back", async () => {
  const inFlight = new BytesInFlight(100);
  const slow = send(inFlight, "2001:db8::1", 75);
  // Whoever has one address of a /64 has them all.
  expect(await send(inFlight, "2001:db8::2", 1).end()).toEqual({ kind: "noRoom" });
  const other = await send(inFlight, "203.0.113.7", 25).end();
  expect(other).toMatchObject({ kind: "whole", bytes: Buffer.alloc(25) });
  if (other.kind === "whole") other.release();
  expect(await slow.leave()).toEqual({ kind: "gone" });
  expect(await send(inFlight, "2001:db8::2", 75).end()).toMatchObject({ kind: "whole" });
});
