import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { ProgressBar } from "../../../src/cli/progress-bar.ts";
import { Terminal } from "../../../src/cli/terminal.ts";

function setUp(stream: { isTTY?: boolean; columns?: number }) {
  const stderr = Object.assign(new PassThrough({ encoding: "utf8" }), stream);
  const terminal = new Terminal({ stdout: Object.assign(new PassThrough(), stream), stderr, env: {} });
  let nowMs = 0;
  const bar = new ProgressBar(terminal, { now: () => nowMs, monotonicMs: () => nowMs });
  return {
    bar,
    passMs: (ms: number) => {
      nowMs += ms;
    },
    written: () => String(stderr.read() ?? ""),
  };
}

test("a bar shows how far, what runs, and how long it will take", () => {
  const { bar, passMs, written } = setUp({ isTTY: true, columns: 80 });
  passMs(10_000);
  bar.update(1, 4, "app, code cache");
  expect(stripVTControlCharacters(written()).trim()).toBe(
    "██████░░░░░░░░░░░░░░░░░░  25% app, code cache, 30.0 s left",
  );
});

test("it is drawn at once, then no more often than one can see, and taken away at the end", () => {
  const { bar, passMs, written } = setUp({ isTTY: true, columns: 80 });
  bar.update(0, 100, "a");
  expect(written()).not.toBe("");
  passMs(10);
  bar.update(1, 100, "a");
  expect(written()).toBe("");
  bar.end();
  expect(written()).toBe("\r\u001b[2K");
});

test("a line never wraps", () => {
  const { bar, passMs, written } = setUp({ isTTY: true, columns: 50 });
  passMs(60_000);
  bar.update(1, 3, "a-function-with-a-very-long-name-indeed, snapshot + warm-up");
  expect(stripVTControlCharacters(written()).trim().length).toBeLessThan(50);
});

test("where nobody watches it is a line now and then, without control characters", () => {
  const { bar, passMs, written } = setUp({});
  bar.update(0, 100, "a");
  expect(written()).toBe("");
  passMs(20_000);
  bar.update(50, 100, "tiny, init");
  bar.update(51, 100, "tiny, init");
  bar.end();
  expect(written()).toBe("50% tiny, init, 20.0 s left\n");
});
