import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { launcher } from "./brisk-process.ts";

const source = (version: number) => `import { greet } from "./greet.ts";
export const handler = async (event: { rawPath?: string; name?: string }) => {
  console.log("version ${version}", process.env["STAGE"]);
  if (event.rawPath === "/boom") throw new RangeError("boom");
  return { said: greet(event.name ?? "you"), version: ${version} };
};
`;

test("brisk dev deploys on every save, shows logs, requests and the lines of errors, and ends cleanly", async () => {
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
  ];
  const child = spawn(process.execPath, [launcher, ...args], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
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
    const [, url = ""] = await until(/(http:\/\/localhost:\d+\/)\n/);
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
    await greet("(name: string) => name.toUpperCase()");
    await until(/ready in \d+ ms[\s\S]*"said":"EVENT"/);

    child.kill("SIGINT");
    expect(await exited).toEqual([0, null]);
  } finally {
    child.kill("SIGKILL");
    await exited;
    await rm(folder, { recursive: true, force: true });
  }
});
