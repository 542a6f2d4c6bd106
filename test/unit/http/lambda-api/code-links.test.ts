import { expect, test } from "vitest";
import { CodeLinks } from "../../../../src/http/lambda-api/code-links.ts";

const hash = "ab".repeat(32);
const clock = { nowMs: 1_000_000, now: () => clock.nowMs, monotonicMs: () => clock.nowMs };

function parts(link: string) {
  const { searchParams, pathname } = new URL(link);
  return {
    hash: pathname.split("/").at(-1) ?? "",
    expires: searchParams.get("expires") ?? "",
    signature: searchParams.get("signature") ?? "",
  };
}

test("a link is good for ten minutes, with the key that made it", () => {
  clock.nowMs = 1_000_000;
  const links = new CodeLinks(new Uint8Array(32), clock);
  const link = parts(links.sign("http://localhost", hash));
  const verify = (by = links) => by.verify(link.hash, link.expires, link.signature);
  expect(verify()).toBe(true);
  expect(verify(new CodeLinks(new Uint8Array(32).fill(1), clock))).toBe(false);
  clock.nowMs += 599_000;
  expect(verify()).toBe(true);
  clock.nowMs += 1_000;
  expect(verify()).toBe(false);
});

test("a link is good for its own zip only", () => {
  const links = new CodeLinks(new Uint8Array(32), clock);
  const { expires, signature } = parts(links.sign("http://localhost", hash));
  expect(links.verify("cd".repeat(32), expires, signature)).toBe(false);
  expect(links.verify(hash, `${expires}0`, signature)).toBe(false);
  expect(links.verify(hash, expires, "")).toBe(false);
});
