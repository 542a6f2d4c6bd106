import { expect, test } from "vitest";
import type { TestServer } from "./server.ts";

/**
 * node:async_hooks, rejections and locks: of guest-node.test.ts, whose server they share.
 * @param inGuest Evaluates code in a function of that server.
 */
export function asyncTests(server: () => TestServer, inGuest: (code: string) => Promise<unknown>): void {
  test("AsyncLocalStorage follows awaits, timers, events and concurrent work", async () => {
    await server().deploy({
      name: "storage",
      url: false,
      files: {
        "index.mjs": `
          import { AsyncLocalStorage } from "node:async_hooks";
          import { setTimeout as sleep } from "node:timers/promises";
          const storage = new AsyncLocalStorage();
          const work = async (id) => {
            const seen = [];
            const look = () => seen.push(storage.getStore()?.id);
            look();
            await null;
            look();
            await sleep(5 - id);
            look();
            await new Promise((resolve) => setTimeout(() => { look(); resolve(); }, 1));
            for await (const _ of (async function* () { yield 1; })()) look();
            queueMicrotask(look);
            process.nextTick(look);
            await new Promise((resolve) => setImmediate(resolve));
            return seen;
          };
          export const handler = async () => {
            const all = await Promise.all([1, 2, 3].map((id) => storage.run({ id }, work, id)));
            const scopes = [];
            {
              using scope = storage.withScope("scoped");
              await null;
              scopes.push(storage.getStore());
            }
            scopes.push(storage.getStore() ?? "after");
            return [all, storage.getStore() ?? "none", scopes];
          };
        `,
      },
    });
    const rows = [1, 2, 3].map((id) => Array(7).fill(id));
    expect(await server().runtime.invoke("storage")).toEqual([rows, "none", ["scoped", "after"]]);
  });

  test("what enterWith set is gone in the next invocation", async () => {
    await server().deploy({
      name: "enters",
      url: false,
      files: {
        "index.mjs": `
          import { AsyncLocalStorage } from "node:async_hooks";
          const storage = new AsyncLocalStorage();
          export const handler = async ({ user }) => {
            const before = storage.getStore() ?? "nobody";
            storage.enterWith(user);
            await null;
            await new Promise((resolve) => setTimeout(resolve, 1));
            return [before, storage.getStore()];
          };
        `,
      },
    });
    for (const user of ["ada", "bo"]) {
      expect(await server().runtime.invoke("enters", { user })).toEqual(["nobody", user]);
    }
  });

  test("unhandledRejection is told with the very reason, and who listens goes on; who does not ends", async () => {
    await server().deploy({
      name: "rejects",
      url: false,
      files: {
        "index.js": `
          const heard = [];
          const listener = (reason, promise) => heard.push([reason, promise]);
          const reasons = [new Error("fresh"), Object.assign(new RangeError("shown"), { code: "E" }), "text", undefined];
          String(reasons[1].stack);
          exports.handler = async ({ listens, again }) => {
            if (again) {
              process.on("unhandledRejection", () => void Promise.reject(new Error("again")));
              Promise.reject(new Error("once"));
              await new Promise((resolve) => setTimeout(resolve, 5));
            }
            if (!listens) {
              process.off("unhandledRejection", listener);
              Promise.reject(new TypeError("nobody"));
              await new Promise((resolve) => setTimeout(resolve, 5));
              return "never";
            }
            process.on("unhandledRejection", listener);
            Promise.reject(0).catch(() => {});
            const late = Promise.reject(1);
            process.nextTick(() => late.catch(() => {}));
            for (const reason of reasons) {
              (async () => { throw reason; })();
              await new Promise((resolve) => setImmediate(resolve));
            }
            return Promise.all(heard.map(async ([reason, promise], index) => {
              const isOfIt = await promise.then(() => false, (same) => same === reason);
              return [reason === reasons[index], isOfIt, String(reason)];
            }));
          };
        `,
      },
    });
    expect(await server().runtime.invoke("rejects", { listens: true })).toEqual([
      [true, true, "Error: fresh"],
      [true, true, "RangeError: shown"],
      [true, true, "text"],
      [true, true, "undefined"],
    ]);
    await expect(server().runtime.invoke("rejects", {})).rejects.toThrow("TypeError: nobody");
    await expect(server().runtime.invoke("rejects", { again: true })).rejects.toThrow("Error: again");
  });

  test("hooks of node:async_hooks are told of resources, timers, ticks and promises, and ids nest", async () => {
    await server().deploy({
      name: "hooks",
      url: false,
      files: {
        "index.mjs": `
          import { AsyncResource, createHook, executionAsyncId, executionAsyncResource, triggerAsyncId } from "node:async_hooks";
          import { EventEmitterAsyncResource } from "node:events";
          export const handler = async () => {
            const types = new Map();
            const told = [];
            const name = (id) => types.get(id) ?? "?";
            const hook = createHook({
              init(id, type, trigger) { types.set(id, type); told.push(["init", type, name(trigger)]); },
              before(id) { told.push(["before", name(id)]); },
              after(id) { told.push(["after", name(id)]); },
              destroy(id) { told.push(["destroy", name(id)]); },
            }).enable();
            const resource = new AsyncResource("Own");
            const seen = resource.runInAsyncScope(() => {
              const timer = setTimeout(() => {});
              clearTimeout(timer);
              return [executionAsyncId() === resource.asyncId(), triggerAsyncId() === resource.triggerAsyncId(), executionAsyncResource() === resource];
            });
            class Emitter extends EventEmitterAsyncResource {}
            const emitter = new Emitter();
            emitter.on("x", () => seen.push(executionAsyncId() === emitter.asyncId)).emit("x");
            resource.emitDestroy();
            hook.disable();
            await new Promise((resolve) => setImmediate(resolve));
            const first = told.splice(0);
            hook.enable();
            const [tick, then] = await new Promise((resolve) => {
              process.nextTick(() => {
                const id = executionAsyncId();
                Promise.resolve().then(() => resolve([name(id), name(executionAsyncId())]));
              });
            });
            hook.disable();
            return [first, seen, tick, then];
          };
        `,
      },
    });
    const [told, ...rest] = (await server().runtime.invoke("hooks")) as unknown[][];
    expect(told).toEqual([
      ["init", "Own", "?"],
      ["before", "Own"],
      ["init", "Timeout", "Own"],
      ["after", "Own"],
      ["init", "Emitter", "?"],
      ["before", "Emitter"],
      ["after", "Emitter"],
    ]);
    expect(rest).toEqual([[true, true, true, true], "TickObject", "PROMISE"]);
  });

  test("locks are granted in their order, stolen, refused and waited for no longer", async () => {
    const result = await inGuest(`
      const { locks } = navigator;
      const log = [];
      const sleep = require("timers/promises").setTimeout;
      const first = locks.request("a", async (lock) => { log.push(lock.name + " " + lock.mode); await sleep(10); return 5; });
      const later = ["s1", "s2"].map((name) => locks.request("a", { mode: "shared" }, async () => { log.push(name); await sleep(2); }));
      const third = locks.request("a", () => log.push("exclusive"));
      const { held, pending } = await locks.query();
      log.push(held.length, pending.length, await locks.request("a", { ifAvailable: true }, (lock) => lock), await first);
      await Promise.all([...later, third]);
      const robbed = locks.request("b", () => new Promise(() => {})).catch((error) => error.name);
      log.push(await locks.request("b", { steal: true }, () => "stole"), await robbed);
      const holder = locks.request("c", () => sleep(5));
      const waiting = new AbortController();
      const waits = locks.request("c", { signal: waiting.signal }, () => log.push("never")).catch((error) => error.name);
      waiting.abort();
      log.push(await waits);
      await holder;
      log.push(await locks.request("d", () => { throw new Error("own"); }).catch((error) => error.message), (await locks.query()).held.length);
      log.push(require("worker_threads").locks === locks);
      return log;
    `);
    expect(result).toEqual([
      ...["a exclusive", "s1", "s2", 1, 3, null, 5, "exclusive"],
      ...["stole", "AbortError", "AbortError", "own", 0, true],
    ]);
  });
}
