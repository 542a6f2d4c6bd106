import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { checkout, launcher, runProgram, ServeProcess } from "./brisk-process.ts";

const node = process.execPath;
vi.setConfig({ testTimeout: 90_000 });

// One data folder for all tests, one server at a time: the guest's heap is frozen once.
let cwd: string;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "brisk-serve-"));
});

afterAll(() => rm(cwd, { recursive: true, force: true }));

function serve(...args: string[]): Promise<ServeProcess> {
  return ServeProcess.start(node, [launcher, "serve", "--port", "0", ...args], { cwd });
}

function brisk(server: ServeProcess, ...args: string[]) {
  return runProgram(node, [launcher, ...args], { cwd, env: { BRISK_ENDPOINT_URL: server.endpoint } });
}

/** As curl does it: by the URL's name, which Node cannot resolve. */
async function get(functionUrl: string): Promise<{ status: number | undefined; body: string }> {
  const { hostname, port, pathname, host } = new URL(functionUrl);
  expect(hostname.endsWith(".localhost")).toBe(true);
  const sent = request({ host: "127.0.0.1", port, path: pathname, headers: { host } });
  const response = await new Promise<import("node:http").IncomingMessage>((resolve, reject) => {
    sent.on("response", resolve).on("error", reject).end();
  });
  return { status: response.statusCode, body: await text(response) };
}

test("the README's session: serve, deploy, call the URL, invoke, read the log, delete", async () => {
  await using server = await serve();
  expect((await fetch(`${server.endpoint}/_health`)).status).toBe(200);

  const deployed = await brisk(server, "deploy", join(checkout, "examples", "hello"), "--url");
  expect(deployed, deployed.stderr).toMatchObject({ exitCode: 0 });
  const url = deployed.stdout.trimEnd();
  expect(url).toMatch(/^http:\/\/[a-z0-9]{32}\.lambda-url\.us-east-1\.localhost:\d+\/$/);
  expect((await get(url)).status).toBe(200);
  expect((await brisk(server, "url", "hello")).stdout).toBe(`${url}\n`);

  const invoked = await brisk(server, "invoke", "hello", "--payload", '{"a":1}', "--tail");
  expect(invoked, invoked.stderr).toMatchObject({ exitCode: 0 });
  expect(invoked.stderr).toContain("REPORT RequestId:");
  const log = await brisk(server, "logs", "hello");
  expect(log.stdout).toMatch(/^INIT_START .*\nSTART RequestId: /);

  const listed = await brisk(server, "ls", "--json");
  expect(JSON.parse(listed.stdout)).toMatchObject([{ FunctionName: "hello", State: "Active" }]);
  expect((await brisk(server, "rm", "hello")).exitCode).toBe(0);
  expect((await brisk(server, "invoke", "hello")).exitCode).toBe(1);
});

test("deploying again changes the function and keeps its URL", async () => {
  const folder = join(cwd, "app");
  await mkdir(folder);
  await writeFile(join(folder, "index.mjs"), "export const handler = async () => 'one';\n");
  await using server = await serve();
  const first = await brisk(server, "deploy", "app", "--url");
  expect(first, first.stderr).toMatchObject({ exitCode: 0 });
  expect((await get(first.stdout.trimEnd())).body).toBe("one");
  await writeFile(join(folder, "index.mjs"), "export const handler = async () => 'two';\n");
  const second = await brisk(server, "deploy", "app", "--url");
  expect(second.stdout).toBe(first.stdout);
  expect((await get(first.stdout.trimEnd())).body).toBe("two");
});

test("what was deployed is there after the server was killed", async () => {
  const folder = join(cwd, "kept");
  await mkdir(folder);
  await writeFile(join(folder, "index.cjs"), "exports.handler = async () => 'kept';\n");
  {
    await using server = await serve();
    expect(await brisk(server, "deploy", "kept")).toMatchObject({ exitCode: 0 });
    server.child.kill("SIGKILL");
    await server.exited;
  }
  await using server = await serve();
  expect((await brisk(server, "invoke", "kept")).stdout).toBe('"kept"\n');
});

test("the first interrupt lets running invocations end, and the server then ends well", async () => {
  const folder = join(cwd, "slow");
  await mkdir(folder);
  await writeFile(
    join(folder, "index.mjs"),
    "export const handler = async () => { console.log('running'); await new Promise((r) => setTimeout(r, 1000)); return 'done'; };\n",
  );
  await using server = await serve();
  expect(await brisk(server, "deploy", "slow", "--timeout", "10")).toMatchObject({ exitCode: 0 });
  const answer = fetch(`${server.endpoint}/2015-03-31/functions/slow/invocations`, { method: "POST" });
  const log = await fetch(`${server.endpoint}/_brisk/logs/slow?follow=1`);
  // It is followed to its end, which comes when nothing more can be logged: this must not hold up the server.
  let followed = "";
  for await (const piece of log.body ?? []) {
    if (!followed.includes("running") && Buffer.from(piece).toString().includes("running")) {
      server.child.kill("SIGINT");
    }
    followed += Buffer.from(piece).toString();
  }
  expect(followed).toContain("REPORT RequestId:");
  await server.untilSaid("finishing what runs; interrupt again to stop at once");
  expect(await (await answer).json()).toBe("done");
  expect(await server.exited).toEqual({ code: 0, signal: null });
});

test("what ends npm start ends the server, too", async () => {
  const args = ["start", "--silent", "--", "--port", "0", "--data", join(cwd, ".brisk")];
  await using server = await ServeProcess.start("npm", args, { cwd: checkout });
  server.child.kill("SIGTERM");
  await server.untilSaid("finishing");
  await server.exited;
  await expect(fetch(`${server.endpoint}/_health`)).rejects.toThrow();
});

test("the second interrupt stops at once", async () => {
  const folder = join(cwd, "stuck");
  await mkdir(folder);
  await writeFile(
    join(folder, "index.mjs"),
    "export const handler = async () => { console.log('running'); await new Promise((r) => setTimeout(r, 60000)); };\n",
  );
  await using server = await serve();
  expect(await brisk(server, "deploy", "stuck", "--timeout", "60")).toMatchObject({ exitCode: 0 });
  const answer = fetch(`${server.endpoint}/2015-03-31/functions/stuck/invocations`, { method: "POST" }).catch(
    () => {},
  );
  const log = await fetch(`${server.endpoint}/_brisk/logs/stuck?follow=1`);
  for await (const piece of log.body ?? []) {
    if (Buffer.from(piece).toString().includes("running")) break;
  }
  server.child.kill("SIGINT");
  await server.untilSaid("finishing what runs");
  // Interrupts that come together count as one: repeat until one is the second.
  const again = setInterval(() => server.child.kill("SIGINT"), 100);
  expect(await server.exited).toEqual({ code: 130, signal: null });
  clearInterval(again);
  await answer;
});

test("a second server on the same data folder is refused", async () => {
  await using server = await serve();
  const second = await runProgram(node, [launcher, "serve", "--port", "0"], { cwd });
  expect(second.exitCode).toBe(1);
  expect(second.stdout).toBe("");
  expect(second.stderr).toMatch(/\nerror: cannot start: .*\.brisk/);
  expect((await fetch(`${server.endpoint}/_health`)).status).toBe(200);
});

test("a port that is in use is said with what to do", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const port = String((other.address() as AddressInfo).port);
  const finished = await runProgram(node, [launcher, "serve", "--port", port], { cwd });
  other.close();
  expect(finished).toMatchObject({
    exitCode: 1,
    stdout: "",
    stderr: expect.stringContaining(
      `\nerror: cannot listen: 127.0.0.1:${port} is in use (choose another with --port, or 0 for a free one)\n`,
    ),
  });
});

test("what would let strangers in is a misuse, and nothing starts", async () => {
  const open = await runProgram(node, [launcher, "serve", "--host", "0.0.0.0"], { cwd });
  expect(open).toMatchObject({ exitCode: 2, stdout: "" });
  expect(open.stderr).toContain('error: cannot start: host "0.0.0.0" is not a loopback address');
  expect(open.stderr).toContain("--auth sigv4");
  const asked = await runProgram(node, [launcher, "serve", "--host", "::", "--auth", "none"], { cwd });
  expect(asked).toMatchObject({ exitCode: 2, stdout: "" });
});

test("the first start with --auth sigv4 shows its root key once, and the commands sign with it", async () => {
  const args = ["--auth", "sigv4", "--host", "0.0.0.0"];
  let env: Record<string, string>;
  {
    await using server = await serve(...args);
    const shown = /AWS_ACCESS_KEY_ID=(\S+)\n.*AWS_SECRET_ACCESS_KEY=(\S+)\n/.exec(server.stderr);
    expect(shown, server.stderr).not.toBeNull();
    env = { AWS_ACCESS_KEY_ID: shown?.[1] ?? "", AWS_SECRET_ACCESS_KEY: shown?.[2] ?? "" };
  }
  await using server = await serve(...args);
  expect(server.stderr).not.toContain("AWS_SECRET_ACCESS_KEY");
  const endpoint = server.endpoint.replace("0.0.0.0", "127.0.0.1");
  const list = (more: Record<string, string>) =>
    runProgram(node, [launcher, "key", "list", "--json"], {
      cwd,
      env: { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "", BRISK_ENDPOINT_URL: endpoint, ...more },
    });
  const signed = await list(env);
  expect(signed, signed.stderr).toMatchObject({ exitCode: 0 });
  expect(JSON.parse(signed.stdout)).toMatchObject([{ accessKeyId: env["AWS_ACCESS_KEY_ID"] }]);
  const unsigned = await list({});
  expect(unsigned).toMatchObject({ exitCode: 1, stdout: "" });
  expect(unsigned.stderr).toContain("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
});
