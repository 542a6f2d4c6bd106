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

test("a body of more values than any operation takes is refused before each of them is looked at", async () => {
  const limitBytes = 10_000_000;
  const inFlight = new BytesInFlight(limitBytes);
  const refusal = (body: object) => read(JSON.stringify(body), inFlight, limitBytes).catch(String);
  const tooMany = (member: string) =>
    `SerializationException: Cannot read the value at '${member}': the request holds more than 50000 values`;
  const items = (count: number) => Array.from({ length: count }, (_, index) => index);

  expect(await refusal({ FunctionName: "hello", Tags: { ...items(60_000) } })).toBe(tooMany("tags"));
  expect(await refusal({ Layers: items(30_000), Tags: { a: [items(30_000)] } })).toBe(tooMany("tags"));
  expect(await refusal(Object.fromEntries(items(60_000).map((index) => [`A${index}`, 1])))).toBe(
    tooMany("a50000"),
  );
  expect(await refusal({ Tags: { ...items(300_000) } })).toBe(
    "SerializationException: Could not parse request body into json: it holds more than 250000 values",
  );
  expect(await refusal({ Layers: items(30_000), Tags: items(10_000) })).toMatchObject({ members: {} });
});
