import { expect, test } from "vitest";
import { page } from "../../../../src/http/lambda-api/pages.ts";

const key = (row: string) => row;

test("pages follow each other without gap or repetition while rows come and go", () => {
  let rows = ["a", "b", "c", "d", "e"];
  const first = page(rows, key, { MaxItems: 2 });
  expect(first.rows).toEqual(["a", "b"]);
  rows = ["a", "aa", "c", "d", "e"];
  const second = page(rows, key, { MaxItems: 2, Marker: first.NextMarker });
  expect(second.rows).toEqual(["c", "d"]);
  const last = page(rows, key, { MaxItems: 2, Marker: second.NextMarker });
  expect(last).toEqual({ rows: ["e"], NextMarker: undefined });
});

test("a page has at most fifty rows, and no marker when it is the last", () => {
  const rows = Array.from({ length: 50 }, (_, n) => String(100 + n));
  expect(page(rows, key, { MaxItems: 10_000 })).toEqual({ rows, NextMarker: undefined });
  expect(page([...rows, "999"], key, {}).rows).toHaveLength(50);
});

test("a marker that is none of ours is refused", () => {
  for (const Marker of ["", "x", "💥"]) {
    expect(() => page([], key, { Marker })).toThrow("The provided Marker is invalid");
  }
});
