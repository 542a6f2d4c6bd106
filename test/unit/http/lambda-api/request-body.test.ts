import { expect, test } from "vitest";
import { BytesInFlight } from "../../../../src/http/bytes-in-flight.ts";
import { readJsonBody } from "../../../../src/http/lambda-api/request-body.ts";

function read(body: string | ReadableStream<Uint8Array>, inFlight: BytesInFlight, limitBytes = 100) {
  const request = new Request("http://localhost/", { method: "POST", body, duplex: "half" } as RequestInit);
  return readJsonBody(request, { limitBytes, operation: "CreateFunction", inFlight });
}

test("a body counts as held until it is disposed", async () => {
  const inFlight = new BytesInFlight(12);
  const first = await read('{"a": 12}', inFlight);
  expect(first.members).toEqual({ a: 12 });
  await expect(read('{"a": 12}', inFlight)).rejects.toMatchObject({ code: "TooManyRequestsException" });
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  expect(inFlight.reserve(12)).toBe(true);
});

test("a refused body holds nothing, and is not read to its end", async () => {
  const inFlight = new BytesInFlight(1000);
  let pulled = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(40));
    },
  });
  await expect(read(endless, inFlight)).rejects.toMatchObject({ code: "RequestEntityTooLargeException" });
  expect(pulled).toBeLessThan(10);
  for (const bad of ["{", "[]", "null"]) {
    await expect(read(bad, inFlight)).rejects.toMatchObject({ code: "SerializationException" });
  }
  expect(inFlight.reserve(1000)).toBe(true);
});
