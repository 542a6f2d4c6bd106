import { Hono } from "hono";
import { expect, test } from "vitest";
import { apiGuard } from "../../../src/http/api-guard.ts";

const app = new Hono()
  .use(apiGuard({ apiHosts: ["brisk.internal", "Other.Example.:9000"] }))
  .all("*", (c) => c.text("through"));

async function statusFor(headers: Record<string, string>): Promise<number> {
  const response = await app.request("http://ignored/", { headers });
  return response.status;
}

test.each([
  "localhost",
  "localhost:9000",
  "LOCALHOST",
  "localhost.",
  "127.0.0.1:9000",
  "127.1.2.3",
  "[::1]:9000",
  "[::1]",
  "brisk.internal:9000",
  "Brisk.Internal.",
  "other.example",
])("a request for the host name %s goes through", async (host) => {
  expect(await statusFor({ host })).toBe(200);
});

test.each([
  "evil.example",
  "localhost.evil.example",
  "127.0.0.1.evil.example",
  "127.evil.example",
  "evil.example:localhost",
  "0.0.0.0",
  "192.168.1.1",
  "[::2]",
  "localhost@evil.example",
  "x.localhost",
  "",
  "[127.0.0.1",
  "2130706433",
])("a request for the host name %j is refused, which keeps DNS rebinding out", async (host) => {
  expect(await statusFor({ host })).toBe(403);
});

test("a request without a host name is refused", async () => {
  expect(await statusFor({})).toBe(403);
});

test("a request that a web page made is refused, whatever page that was", async () => {
  const host = "localhost:9000";
  for (const origin of ["https://evil.example", "http://localhost:9000", "null"]) {
    expect(await statusFor({ host, origin })).toBe(403);
  }
  for (const site of ["cross-site", "same-site", "same-origin", "surprise"]) {
    expect(await statusFor({ host, "sec-fetch-site": site })).toBe(403);
  }
  expect(await statusFor({ host, "sec-fetch-site": "none" })).toBe(200);
});

test("the refusal is Lambda's AccessDeniedException and says what to do", async () => {
  const response = await app.request("http://ignored/", { headers: { host: "evil.example" } });
  expect(response.headers.get("x-amzn-errortype")).toBe("AccessDeniedException");
  expect(await response.json()).toEqual({
    Message: 'The API does not answer to the host name "evil.example"; name it in apiHosts if it should',
  });
});
