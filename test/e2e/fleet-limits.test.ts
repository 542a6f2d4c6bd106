import { InvokeCommand, TooManyRequestsException } from "@aws-sdk/client-lambda";
import type { ConfigInput, DeployedFunction } from "brisk";
import { afterEach, expect, it } from "vitest";
import { createGate, type Gate } from "./gate.ts";
import { startServer, type TestServer } from "./server.ts";

/** What happens at each limit of the fleet: who makes room, who is refused, and that it works again afterwards. */
let running: AsyncDisposableStack | undefined;
afterEach(() => running?.disposeAsync());

async function start(config: ConfigInput): Promise<{ server: TestServer; gate: Gate }> {
  running = new AsyncDisposableStack();
  const gate = running.use(await createGate());
  const server = running.use(await startServer({ egressAllow: ["127.0.0.1/32"], spareHosts: 0, ...config }));
  return { server, gate };
}

/** Holds memory when told so, waits at the gate when told so, and says how many events its environment has had. */
const source = `let calls = 0;
  let held;
  exports.handler = async (event) => {
    if (event.holdMb) held = new Uint8Array(event.holdMb * 1024 * 1024).fill(1);
    if (event.gate) await (await fetch(event.gate)).text();
    return ++calls + 0 * (held?.length ?? 0);
  }`;

async function deploy(server: TestServer, ...names: string[]): Promise<DeployedFunction[]> {
  const deployed: DeployedFunction[] = [];
  for (const name of names) {
    deployed.push(await server.deploy({ name, files: { "index.js": source }, timeoutSeconds: 60 }));
  }
  return deployed;
}

async function figures(
  server: TestServer,
): Promise<{ running: number; environments: number; hosts: number }> {
  const answer = await fetch(`${server.url}/_health`);
  return (await answer.json()) as { running: number; environments: number; hosts: number };
}

/** Retirement has no event that could be waited for from outside. */
async function untilEnvironments(server: TestServer, count: number): Promise<void> {
  for (let look = 0; look < 400; look++) {
    if ((await figures(server)).environments === count) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect((await figures(server)).environments).toBe(count);
}

async function refusal(server: TestServer, name: string): Promise<TooManyRequestsException> {
  const error: unknown = await server.client.send(new InvokeCommand({ FunctionName: name })).then(
    () => "was answered",
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TooManyRequestsException);
  return error as TooManyRequestsException;
}

it("beyond maxConcurrency an invocation is refused as Lambda does, by the SDK and by URL, until one ends", async () => {
  const { server, gate } = await start({ maxConcurrency: 2 });
  const [fn] = await deploy(server, "limited");
  const held = [1, 2].map(() => server.runtime.invoke("limited", { gate: gate.url }));
  await gate.waiting(2);
  expect(await figures(server)).toMatchObject({ running: 2, environments: 2 });

  const error = await refusal(server, "limited");
  expect(error.Reason).toBe("ConcurrentInvocationLimitExceeded");
  expect(error.$metadata.httpStatusCode).toBe(429);
  expect((await server.request(fn!)).status).toBe(429);

  gate.open();
  expect(await Promise.all(held)).toEqual([1, 1]);
  expect((await server.request(fn!)).status).toBe(200);
  expect(await server.runtime.invoke("limited")).toBeTypeOf("number");
});

it("at maxEnvironments idle ones of other functions make room, the least recently used first", async () => {
  const { server } = await start({ maxEnvironments: 2 });
  await deploy(server, "a", "b", "c");
  expect(await server.runtime.invoke("a")).toBe(1);
  expect(await server.runtime.invoke("b")).toBe(1);
  expect(await server.runtime.invoke("a")).toBe(2);
  // The one of b has been idle for longest.
  expect(await server.runtime.invoke("c")).toBe(1);
  expect((await figures(server)).environments).toBe(2);
  expect(await server.runtime.invoke("a")).toBe(3);
  expect(await server.runtime.invoke("b")).toBe(1);
  expect((await figures(server)).environments).toBe(2);
});

it("at maxEnvironments with all of them busy an invocation is refused, until one ends", async () => {
  const { server, gate } = await start({ maxEnvironments: 2 });
  const [fn] = await deploy(server, "busy", "other");
  const held = [1, 2].map(() => server.runtime.invoke("busy", { gate: gate.url }));
  await gate.waiting(2);
  const error = await refusal(server, "other");
  expect([error.Reason, error.$metadata.httpStatusCode]).toEqual(["ConcurrentInvocationLimitExceeded", 429]);
  expect((await server.request(fn!)).status).toBe(429);
  gate.open();
  expect(await Promise.all(held)).toEqual([1, 1]);
  expect(await server.runtime.invoke("other")).toBe(1);
});

const megabyte = 1024 * 1024;

it("beyond the memory budget the environment that was idle for longest is retired", async () => {
  const { server } = await start({ memoryBudgetBytes: 32 * megabyte });
  await deploy(server, "large-a", "large-b");
  expect(await server.runtime.invoke("large-a", { holdMb: 18 })).toBe(1);
  // Warm: alone it is within the budget.
  expect(await server.runtime.invoke("large-a", {})).toBe(2);
  expect(await server.runtime.invoke("large-b", { holdMb: 18 })).toBe(1);
  await untilEnvironments(server, 1);
  expect(await server.runtime.invoke("large-b", {})).toBe(2);
  expect(await server.runtime.invoke("large-a", {})).toBe(1);
});

it("with the memory budget held by busy environments an invocation is refused, until one ends", async () => {
  const { server, gate } = await start({ memoryBudgetBytes: 32 * megabyte });
  await deploy(server, "large", "small");
  expect(await server.runtime.invoke("large", { holdMb: 18 })).toBe(1);
  const large = server.runtime.invoke("large", { gate: gate.url });
  // Awaited at the end; until then an assertion may have failed and stopped the server.
  large.catch(() => {});
  await gate.waiting(1);
  // Alone, sixteen fresh ones would be let in. Beside the large one there is room for some, and never for so many.
  const outcomes = Array.from({ length: 12 }, () =>
    server.client.send(
      new InvokeCommand({ FunctionName: "small", Payload: JSON.stringify({ gate: gate.url }) }),
    ),
  );
  const refused = await Promise.any(
    outcomes.map((outcome) =>
      outcome.then(
        () => Promise.reject(new Error("answered")),
        (error: unknown) => error,
      ),
    ),
  );
  expect(refused).toBeInstanceOf(TooManyRequestsException);
  expect((refused as TooManyRequestsException).Reason).toBe("ConcurrentInvocationLimitExceeded");
  gate.open();
  expect(await large).toBe(2);
  const settled = await Promise.allSettled(outcomes);
  for (const outcome of settled) {
    if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(TooManyRequestsException);
  }
  expect(settled.some(({ status }) => status === "fulfilled")).toBe(true);
  expect(await server.runtime.invoke("small")).toBeTypeOf("number");
});

it("an environment that was idle for idleTimeoutMs is retired, and a busy one is not", async () => {
  const { server, gate } = await start({ idleTimeoutMs: 200 });
  await deploy(server, "idle", "kept");
  const kept = server.runtime.invoke("kept", { gate: gate.url });
  await gate.waiting(1);
  expect(await server.runtime.invoke("idle")).toBe(1);
  await untilEnvironments(server, 1);
  gate.open();
  expect(await kept).toBe(1);
  await untilEnvironments(server, 0);
  expect(await server.runtime.invoke("idle")).toBe(1);
});
