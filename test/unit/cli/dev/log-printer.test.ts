import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { codeFrame } from "../../../../src/cli/dev/code-frame.ts";
import { LocalPaths } from "../../../../src/cli/dev/local-paths.ts";
import { LogPrinter } from "../../../../src/cli/dev/log-printer.ts";
import { Terminal } from "../../../../src/cli/terminal.ts";

const plain = (_: string, part: string) => part;

test("codeFrame() shows the lines around a position, with a caret below it", () => {
  expect(codeFrame("one\ntwo\n\tthree\nfour\nfive", 3, 2, plain)).toBe(
    "  1 │ one\n  2 │ two\n› 3 │  three\n    │  ^\n  4 │ four",
  );
  expect(codeFrame("one", 1, 1, plain)).toBe("› 1 │ one\n    │ ^");
});

test("codeFrame() cuts a line that is as long as minifiers write them, and knows no line that is not there", () => {
  const frame = codeFrame(`${"a".repeat(500)}X${"b".repeat(500)}`, 1, 501, plain);
  const [line = "", caret = ""] = frame.split("\n");
  expect(line.length).toBeLessThan(200);
  expect(line[caret.indexOf("^")]).toBe("X");
  expect([codeFrame("one", 2, 1, plain), codeFrame("one", 0, 1, plain)]).toEqual(["", ""]);
});

test("print() gives messages, and errors as they are in the files of this machine", async () => {
  await using root = await temporaryFolder();
  await writeFile(join(root.path, "fn.ts"), "const a = 1;\nthrow new Error();\n");
  const stack = ["TypeError: no", "    at handler (/var/task/fn.ts:2:7)", "    at /opt/layer.js:1:1"];
  const error = { errorType: "TypeError", errorMessage: "no /var/task/fn.ts", stack };
  const said = await printed(root.path, [
    "START RequestId: 1 Version: $LATEST",
    "2026-01-01T00:00:00.000Z\t1-2\tINFO\thello\tthere\n",
    "as written to stdout",
    `2026-01-01T00:00:00.000Z\t1-2\tERROR\tInvoke Error \t${JSON.stringify(error)}`,
    "2026-01-01T00:00:00.000Z\t1-2\tERROR\tInvoke Error \t{broken",
    "REPORT RequestId: 1\tDuration: 1.00 ms",
    "END RequestId: 1",
  ]);
  expect(said).toEqual({
    out: "hello\tthere\nas written to stdout\nInvoke Error \t{broken\n",
    err: "TypeError: no fn.ts\n  1 │ const a = 1;\n› 2 │ throw new Error();\n    │       ^\n  3 │ \n    at handler (fn.ts:2:7)\n    at /opt/layer.js:1:1\n",
    reports: ["REPORT RequestId: 1\tDuration: 1.00 ms"],
  });
});

async function printed(root: string, lines: readonly string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const reports: string[] = [];
  const terminal = new Terminal({ stdout, stderr, env: {} });
  const printer = new LogPrinter(terminal, new LocalPaths(root, root), (report) => reports.push(report));
  for (const line of lines) printer.print(line);
  stdout.end();
  stderr.end();
  return { out: await text(stdout), err: await text(stderr), reports };
}

async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), "brisk-dev-test-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
