import { CreateAliasCommand, InvokeCommand, PublishVersionCommand } from "@aws-sdk/client-lambda";
import { FunctionError } from "brisk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGate, type Gate } from "./gate.ts";
import { startServer, type TestServer } from "./server.ts";

/** How invocations and environments find each other: warm, cold, at once, apart. For the limits: fleet-limits.test.ts. */
let server: TestServer;
let gate: Gate;

beforeAll(async () => {
  gate = await createGate();
  server = await startServer({
    egressAllow: ["127.0.0.1/32"],
    logBytesPerInvocation: 4096,
    spareHosts: 2,
  });
});
afterAll(async () => {
  await server.close();
  await gate[Symbol.asyncDispose]();
});

/** Its answer says how many events its environment has had. */
const counting = `let calls = 0;
  const environment = crypto.randomUUID();
  exports.handler = async (event) => {
    if (event.gate) await (await fetch(event.gate)).text();
    if (event.hang) await new Promise((done) => setTimeout(done, 600_000));
    return { calls: ++calls, environment, event: event.number };
  }`;

interface Counted {
  calls: number;
  environment: string;
  event: number;
}

async function invoke(name: string, event: Record<string, unknown> = {}): Promise<Counted> {
  return (await server.runtime.invoke(name, event)) as Counted;
}

describe("invocations of one function", () => {
  it("twenty at once are all answered, each with its own event's result", async () => {
    await server.deploy({ name: "twenty", files: { "index.js": counting }, timeoutSeconds: 60 });
    const numbers = Array.from({ length: 20 }, (_, number) => number);
    const answers = await Promise.all(numbers.map((number) => invoke("twenty", { number })));
    expect(answers.map((answer) => answer.event)).toEqual(numbers);
  });

  it("one after the other share a warm environment, whose module state stays", async () => {
    await server.deploy({ name: "warm", files: { "index.js": counting }, timeoutSeconds: 60 });
    const answers: Counted[] = [];
    for (let count = 0; count < 5; count++) answers.push(await invoke("warm"));
    expect(answers.map(({ calls }) => calls)).toEqual([1, 2, 3, 4, 5]);
    expect(new Set(answers.map(({ environment }) => environment)).size).toBe(1);
  });

  it("that run at once have an environment each", async () => {
    await server.deploy({ name: "apart", files: { "index.js": counting }, timeoutSeconds: 60 });
    const running = Array.from({ length: 4 }, () => invoke("apart", { gate: gate.url }));
    await gate.waiting(4);
    gate.release();
    const answers = await Promise.all(running);
    expect(answers.map(({ calls }) => calls)).toEqual([1, 1, 1, 1]);
    expect(new Set(answers.map(({ environment }) => environment)).size).toBe(4);
  });

  it("that were quick until now still have an environment each once they wait", async () => {
    await server.deploy({ name: "was-quick", files: { "index.js": counting }, timeoutSeconds: 60 });
    // Long enough a row of quick ones that the next are sent behind one another.
    for (let count = 0; count < 60; count++) await invoke("was-quick");
    const running = Array.from({ length: 4 }, () => invoke("was-quick", { gate: gate.url }));
    // All four run at the same time, or this never resolves.
    await gate.waiting(4);
    gate.release();
    const answers = await Promise.all(running);
    expect(new Set(answers.map(({ environment }) => environment)).size).toBe(4);
  });
});

describe("after a timeout", () => {
  it("the next invocation is cold, and works", async () => {
    await server.deploy({ name: "hangs", files: { "index.js": counting }, timeoutSeconds: 2 });
    const before = await invoke("hangs");
    const error: unknown = await invoke("hangs", { hang: true }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(FunctionError);
    expect((error as FunctionError).errorType).toBe("Sandbox.Timedout");
    expect((error as FunctionError).message).toContain("Task timed out after 2.00 seconds");
    const after = await invoke("hangs");
    expect(after.calls).toBe(1);
    expect(after.environment).not.toBe(before.environment);
  });
});

describe("a function in a long synchronous turn", () => {
  it("holds nobody else up: events that come during its turn are answered before it ends", async () => {
    await server.deploy({
      name: "spins",
      files: {
        "index.js": `exports.handler = async (event) => {
          if (event.calm) return "calm";
          await (await fetch(event.gate)).text();
          for (const startMs = performance.now(); performance.now() - startMs < event.spinMs; );
          return "spun";
        }`,
      },
      timeoutSeconds: 60,
      memorySizeMb: 1769,
    });
    const neighbours = ["neighbour-a", "neighbour-b", "neighbour-c"];
    for (const name of neighbours) {
      await server.deploy({ name, files: { "index.js": counting }, timeoutSeconds: 60 });
    }
    // All warm, so that they share the hosts of newcomers.
    await server.runtime.invoke("spins", { calm: true });
    for (const name of neighbours) await invoke(name);

    const order: string[] = [];
    // A turn of 300 ms is enough to be noticed; ten times that leaves a loaded machine the time to start a host.
    const spinning = server.runtime
      .invoke("spins", { gate: gate.url, spinMs: 3000 })
      .then(() => order.push("spins"));
    await gate.waiting(1);
    gate.release();
    const others = neighbours.flatMap((name) =>
      [1, 2].map(async () => {
        await invoke(name);
        order.push(name);
      }),
    );
    await Promise.all([spinning, ...others]);
    expect(order).toHaveLength(7);
    expect(order.at(-1)).toBe("spins");
  });
});

describe("the log of one invocation", () => {
  const lines = 200;
  beforeAll(async () => {
    await server.deploy({
      name: "talks",
      files: {
        "index.js": `exports.handler = async (event) => {
          for (let line = 0; line < event.lines; line++) console.log("line " + line + " " + "x".repeat(80));
          return event.lines;
        }`,
      },
      timeoutSeconds: 60,
    });
  });

  async function logOf(name: string): Promise<string[]> {
    const text = await (await fetch(`${server.url}/_brisk/logs/${name}`)).text();
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => (JSON.parse(line) as { text: string }).text);
  }

  it("ends at logBytesPerInvocation with one notice, and the next invocation's is whole again", async () => {
    expect(await server.runtime.invoke("talks", { lines })).toBe(lines);
    const first = await logOf("talks");
    const written = first.filter((text) => /\tline \d/.test(text));
    expect(written.length).toBeGreaterThan(10);
    expect(written.length).toBeLessThan(lines / 2);
    expect(first.filter((text) => text.includes("4096"))).toHaveLength(1);
    // Whatever the function writes, the platform's own lines are there.
    expect(first.filter((text) => text.startsWith("REPORT RequestId: "))).toHaveLength(1);

    await server.runtime.invoke("talks", { lines: 3 });
    const second = (await logOf("talks")).slice(first.length);
    expect(second.filter((text) => /\tline \d/.test(text))).toHaveLength(3);
  });

  it("comes with LogType Tail as its last 4 KB, whole to its end", async () => {
    const { LogResult, StatusCode } = await server.client.send(
      new InvokeCommand({ FunctionName: "talks", LogType: "Tail", Payload: JSON.stringify({ lines }) }),
    );
    expect(StatusCode).toBe(200);
    const tail = Buffer.from(LogResult ?? "", "base64");
    expect(tail.byteLength).toBe(4096);
    expect(tail.toString()).toMatch(/\nREPORT RequestId: [^\n]*\n$/);
    expect(tail.toString()).not.toContain("START RequestId");
  });

  it("comes whole where it is shorter", async () => {
    const { LogResult } = await server.client.send(
      new InvokeCommand({ FunctionName: "talks", LogType: "Tail", Payload: '{"lines":2}' }),
    );
    expect(Buffer.from(LogResult ?? "", "base64").toString()).toMatch(
      /^START RequestId: .*\n.*\tline 0 x+\n.*\tline 1 x+\nEND RequestId: .*\nREPORT RequestId: .*\n$/,
    );
  });
});

describe("a published version", () => {
  const answering = (text: string) => ({ "index.js": `exports.handler = async () => "${text}"` });

  it("is what its alias invokes, also after $LATEST has changed", async () => {
    const name = "versioned";
    await server.deploy({ name, files: answering("first") });
    const { Version } = await server.client.send(new PublishVersionCommand({ FunctionName: name }));
    await server.client.send(
      new CreateAliasCommand({ FunctionName: name, Name: "live", FunctionVersion: Version }),
    );
    expect(await server.runtime.invoke(name, {}, { qualifier: "live" })).toBe("first");
    await server.deploy({ name, files: answering("second") });
    expect(await server.runtime.invoke(name)).toBe("second");
    expect(await server.runtime.invoke(name, {}, { qualifier: "live" })).toBe("first");
    const { ExecutedVersion, Payload } = await server.client.send(
      new InvokeCommand({ FunctionName: name, Qualifier: "live" }),
    );
    expect([ExecutedVersion, Payload?.transformToString()]).toEqual([Version, '"first"']);
  });
});
