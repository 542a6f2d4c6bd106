import { expect, test } from "vitest";
import { runCli } from "./run-cli.ts";

const commands = ["serve", "deploy", "invoke", "logs", "ls", "rm", "url", "inspect", "snapshot", "doctor"];

test.each(["", ...commands])("help of brisk %s starts with examples and goes to stdout", async (command) => {
  const { exitCode, stdout, stderr } = await runCli([...(command ? [command] : []), "--help"]);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^Examples:\n {2}\$ /);
  expect(stdout).toContain("\nUsage: brisk");
  expect(stderr).toBe("");
});

test.each(commands)("brisk %s has --json", async (command) => {
  expect((await runCli([command, "--help"])).stdout).toContain("--json");
});

test("a command line that makes no sense is refused with exit code 2, and what was meant", async () => {
  const unknown = await runCli(["delpoy", "."]);
  expect(unknown.exitCode).toBe(2);
  expect(unknown.stderr).toBe("error: unknown command 'delpoy'\n(Did you mean deploy?)\n");
  expect((await runCli(["ls", "--jsn"])).exitCode).toBe(2);
  expect((await runCli(["invoke"])).stderr).toBe("error: missing required argument 'name'\n");
});

test("--version prints the version alone", async () => {
  expect(await runCli(["--version"])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  });
});

test("an endpoint where nobody listens is said with what to do", async () => {
  const { exitCode, stdout, stderr } = await runCli(["ls", "--endpoint-url", "http://127.0.0.1:9"]);
  expect(exitCode).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toMatch(
    /^error: cannot reach Brisk at http:\/\/127\.0\.0\.1:9: connection refused \(is it running\? start it with "brisk serve"/,
  );
});

test("an endpoint that is no URL is a misuse", async () => {
  expect(await runCli(["ls", "--endpoint-url", "localhost"])).toMatchObject({
    exitCode: 2,
    stderr: 'error: --endpoint-url "localhost" is not a URL; it looks like http://127.0.0.1:9000\n',
  });
});

test("colour is for terminals, and NO_COLOR turns it off", async () => {
  const failing = ["ls", "--endpoint-url", "http://127.0.0.1:9"];
  expect((await runCli(failing, { isTTY: true })).stderr).toContain("\u001b[31merror:");
  expect((await runCli(failing, { isTTY: true, env: { NO_COLOR: "1" } })).stderr).not.toContain("\u001b");
  expect((await runCli(failing)).stderr).not.toContain("\u001b");
});
