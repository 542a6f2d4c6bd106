import { expect, test } from "vitest";
import { BytesInFlight } from "../../../src/http/bytes-in-flight.ts";

test("all together hold no more than the bound, and what is given back can be taken again", () => {
  const bytes = new BytesInFlight(100);
  expect(bytes.reserve(60)).toBe(true);
  expect(bytes.reserve(41)).toBe(false);
  expect(bytes.reserve(40, "a")).toBe(true);
  expect(bytes.reserve(1, "b")).toBe(false);
  bytes.release(60);
  expect(bytes.reserve(60, "b")).toBe(true);
});

test("one holder leaves a quarter to others", () => {
  const bytes = new BytesInFlight(100);
  expect(bytes.reserve(50, "a")).toBe(true);
  expect(bytes.reserve(25, "a")).toBe(true);
  expect(bytes.reserve(1, "a")).toBe(false);
  expect(bytes.reserve(25, "b")).toBe(true);
  bytes.release(25, "a");
  bytes.release(25, "b");
  expect(bytes.reserve(25, "a")).toBe(true);
  expect(bytes.reserve(25, "b")).toBe(true);
});
