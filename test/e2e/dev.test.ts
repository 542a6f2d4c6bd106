import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { launcher } from "./brisk-process.ts";
import { Debugger, type Logged, type Paused } from "./debugger.ts";

const source = (version: number) => `import { greet } from "./greet.ts";
export const handler = async (event: { rawPath?: string; name?: string }) => {
  console.log("version ${version}", process.env["STAGE"]);
  if (event.rawPath === "/boom") throw new RangeError("boom");
  return { said: greet(event.name ?? "you"), version: ${version} };
};
`;

test("brisk dev deploys on every save, shows logs, requests and the lines of errors, opens isolates to debuggers, and ends cleanly", async () => {
  const folder = await mkdtemp(join(tmpdir(), "brisk-dev-e2e-"));
  const greet = (code: string) => writeFile(join(folder, "greet.ts"), `export const greet = ${code};`);
  await greet("(name: string => name");
  await writeFile(join(folder, "fn.ts"), source(1));
  await writeFile(join(folder, "event.json"), `{"name":"event"}`);
  await writeFile(join(folder, ".env"), "STAGE=test");
  const args = [
    "dev",
    "fn.ts",
    "--port",
    "0",
    "--event",
    "event.json",
    "--env-file",
    ".env",
    "--runtime",
    "nodejs24.x",
    "--memory",
    "1769",
    "--timeout",
    "30",
    "--inspect",
    "0",
  ];
  const child = spawn(process.execPath, [launcher, ...args], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, which ends as one: the launcher is not all of it.
    detached: true,
  });
  const exited = once(child, "exit");
  try {
    let said = "";
    const waiting = new Set<() => void>();
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (piece: Buffer) => {
        said += piece.toString();
        for (const look of waiting) look();
      });
    }
    /** What was said from here on, up to the pattern. */
    const until = (pattern: RegExp): Promise<RegExpExecArray> =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(said);
          if (found === null) return;
          said = said.slice(found.index + found[0].length);
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        setTimeout(() => reject(new Error(`Waited for ${pattern}, and heard: ${said}`)), 50_000).unref();
        exited.then(() => reject(new Error(`brisk dev ended: ${said}`)));
        look();
      });
    await until(/not deployed: there is no version yet/);
    // In any order: one is for stdout, the other for stderr.
    const [, inspector = "", url = ""] = await until(
      /^(?=[\s\S]*Debugger at (ws:\/\/127\.0\.0\.1:\d+\/[\w-]+)\n)[\s\S]*(http:\/\/localhost:\d+\/)\n/,
    );
    await greet(`(name: string): string => "hello " + name`);
    await until(/ready in \d+ ms/);
    await until(/\{"said":"hello event","version":1\}/);
    await until(/version 1 test/);

    await writeFile(join(folder, "fn.ts"), source(2));
    await until(/ready in \d+ ms[\s\S]*"version":2/);
    expect(await (await fetch(`${url}here`)).json()).toEqual({ said: "hello you", version: 2 });
    await until(/GET \/here 200 \d+ ms/);
    expect((await fetch(`${url}boom`)).status).toBe(502);
    await until(/RangeError: boom\n[\s\S]*› 4 │ {3}if \(event[^\n]*\n[^\n]*\^[\s\S]*at [^\n]*fn\.ts:4:40/);

    await greet("(name: string => name");
    await until(
      /error: [^\n]*greet\.ts:1:\d+\)\n› 1 │ export const greet[\s\S]*not deployed: the version before/,
    );
    await greet("(name: string) => {\n  return name.toUpperCase();\n}");
    await until(/ready in \d+ ms[\s\S]*"said":"EVENT"/);

    const first = await Debugger.connect(inspector);
    await first.send("Runtime.enable");
    await first.send("Debugger.enable");
    await first.breakAt("greet.ts", 2);
    const stopped = fetch(`${url}stopped`);
    const { callFrames } = await first.event<Paused>("Debugger.paused");
    expect(callFrames.map(({ functionName }) => functionName).slice(0, 2)).toEqual(["greet", "handler"]);
    const { args, stackTrace } = await first.event<Logged>(
      "Runtime.consoleAPICalled",
      (logged) => logged.stackTrace !== undefined,
    );
    expect(args).toMatchObject([{ value: "version 2" }, { value: "test" }]);
    expect(stackTrace?.callFrames[0]).toMatchObject({
      functionName: "handler",
      url: expect.stringMatching(/bundle\.js$/),
    });
    const [{ callFrameId }] = callFrames as [Paused["callFrames"][0]];
    const value = await first.send("Debugger.evaluateOnCallFrame", { callFrameId, expression: "name" });
    expect(value).toMatchObject({ result: { value: "you" } });
    await first.send("Debugger.resume");
    expect(await (await stopped).json()).toEqual({ said: "YOU", version: 2 });
    expect(await first.send("Runtime.evaluate", { expression: "process.env.STAGE" })).toMatchObject({
      result: { value: "test" },
    });

    await greet("(name: string) => { debugger; return name.toLowerCase(); }");
    expect(await first.event("Inspector.detached")).toEqual({ reason: "its environment has ended" });
    await first.closed;
    await until(/ready in \d+ ms/);
    const second = await Debugger.connect(inspector);
    await second.send("Debugger.enable");
    const left = fetch(`${url}left`);
    await second.event("Debugger.paused");
    // Nothing waits for who is gone.
    second.close();
    expect(await (await left).json()).toEqual({ said: "you", version: 2 });

    child.kill("SIGINT");
    expect(await exited).toEqual([0, null]);
  } finally {
    if (child.exitCode === null) process.kill(-(child.pid ?? 0), "SIGKILL");
    await exited;
    await rm(folder, { recursive: true, force: true });
  }
}, 120_000);
