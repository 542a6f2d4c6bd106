import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { afterEach, beforeEach, expect, test } from "vitest";
import { toEpochMs } from "../../../src/cli/event-range.ts";
import { createLogsApp } from "../../../src/http/logs-route.ts";
import { createFileLogStore, type LogStore, logGroupName } from "../../../src/observe/index.ts";
import { runCli } from "./run-cli.ts";

const stream = "2026/11/20/[$LATEST]0123456789abcdef0123456789abcdef";
let dir: string;
let logs: LogStore;
let server: ReturnType<typeof serve>;
let env: Record<string, string>;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "brisk-cli-logs-"));
  logs = createFileLogStore({ dir, fileBytes: 1024 * 1024 });
  const app = new Hono().route(
    "/",
    createLogsApp({ logs, logGroupOf: (name) => (name === "hello" ? logGroupName(name) : undefined) }),
  );
  app.get("/2015-03-31/functions/", (c) => c.json({ Functions: [{ FunctionName: "hello" }] }));
  await new Promise<void>((resolve) => {
    server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () => resolve());
  });
  env = { BRISK_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
});

afterEach(async () => {
  await logs.close();
  if ("closeAllConnections" in server) server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(dir, { recursive: true, force: true });
});

test("prints the log's text; --json gives an object a line", async () => {
  const log = logs.openStream(logGroupName("hello"), stream);
  log.append(1000, "START RequestId: 1 Version: $LATEST");
  log.append(1001, "two\nlines");
  expect(await runCli(["logs", "hello"], { env })).toEqual({
    exitCode: 0,
    stdout: "START RequestId: 1 Version: $LATEST\ntwo\nlines\n",
    stderr: "",
  });
  const json = await runCli(["logs", "hello", "--json", "--limit", "1"], { env });
  expect(JSON.parse(json.stdout)).toEqual({ timestampMs: 1001, stream, text: "two\nlines" });
});

test("--since leaves out what is older", async () => {
  const log = logs.openStream(logGroupName("hello"), stream);
  log.append(Date.now() - 3_600_000, "an hour old");
  log.append(Date.now(), "new");
  expect((await runCli(["logs", "hello", "--since", "10m"], { env })).stdout).toBe("new\n");
});

test("--follow goes on until it is interrupted, and that is no failure", async () => {
  const log = logs.openStream(logGroupName("hello"), stream);
  log.append(1, "first");
  const interrupt = new AbortController();
  let seen = "";
  const result = await runCli(["logs", "hello", "--follow"], {
    env,
    signal: interrupt.signal,
    onStdout: (piece) => {
      seen += piece;
      if (seen === "first\n") log.append(2, "second");
      if (seen === "first\nsecond\n") interrupt.abort();
    },
  });
  expect(result).toEqual({ exitCode: 0, stdout: "first\nsecond\n", stderr: "" });
});

test("a long log arrives whole and in order", async () => {
  const log = logs.openStream(logGroupName("hello"), stream);
  for (let index = 0; index < 5000; index++) log.append(index, `line ${index}`);
  const { stdout } = await runCli(["logs", "hello"], { env });
  expect(stdout).toBe(Array.from({ length: 5000 }, (_, index) => `line ${index}\n`).join(""));
});

test("an unknown function is answered with the one that was meant", async () => {
  expect(await runCli(["logs", "hallo"], { env })).toEqual({
    exitCode: 1,
    stdout: "",
    stderr: 'error: cannot read the log of "hallo": no function is called "hallo" (did you mean hello?)\n',
  });
});

test("the route refuses numbers that are none", async () => {
  const answer = await fetch(`${env["BRISK_ENDPOINT_URL"]}/_brisk/logs/hello?since=soon`);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toEqual({
    Type: "User",
    message: 'since is "soon", a whole number is expected',
  });
});

test("--since takes durations and times", async () => {
  expect(toEpochMs("90s", 100_000)).toBe(10_000);
  expect(toEpochMs("1.5h", 10_000_000)).toBe(4_600_000);
  expect(toEpochMs("2026-01-31T12:00:00Z", 0)).toBe(Date.UTC(2026, 0, 31, 12));
  expect((await runCli(["logs", "hello", "--since", "yesterday"], { env })).exitCode).toBe(2);
});
