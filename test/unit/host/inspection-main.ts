/** Ends isolates in odd moments of their debuggers, and says how each turn ended, as JSON. A mistake ends this process. */
import { setTimeout as delay } from "node:timers/promises";
import ivm from "isolated-vm";
import { Inspection } from "../../../src/host/inspection.ts";

/** V8 and isolated-vm have to be in step with each other, by luck or by rule. */
const times = 3;

const guest = `(function () {
  return (what) => {
    if (what === "stop") debugger;
    else if (what === "loop") for (;;);
    else if (what === "microtasks") { const next = () => Promise.resolve().then(next); next(); }
    else if (what === "end") { host(); for (;;); }
  };
})()`;

class Inspected {
  readonly inspection: Inspection;
  readonly paused: Promise<void>;
  readonly turn: Promise<"done" | "ended">;
  #lastId = 0;

  constructor(what: string) {
    const isolate = new ivm.Isolate({ memoryLimit: 16, inspector: true });
    const context = isolate.createContextSync({ inspector: true });
    const paused = Promise.withResolvers<void>();
    this.paused = paused.promise;
    this.inspection = new Inspection(isolate, context, (_debugger, message) => {
      if (message.includes("Debugger.paused")) paused.resolve();
    });
    this.send("Runtime.enable");
    this.send("Debugger.enable");
    context.global.setSync("host", new ivm.Callback(() => void this.inspection.end()));
    const enter = isolate.compileScriptSync(guest).runSync(context, {
      reference: true,
    }) as unknown as ivm.Reference<(what: string) => void>;
    this.turn = enter.apply(undefined, [what]).then(
      () => "done",
      () => "ended",
    );
  }

  send(method: string, params: object = {}, debuggerId = 1): boolean {
    return this.inspection.receive(debuggerId, JSON.stringify({ id: ++this.#lastId, method, params }));
  }
}

const moments: Readonly<Record<string, (make: (what: string) => Inspected) => Promise<Inspected>>> = {
  async "a paused turn is resumed"(make) {
    const inspected = make("stop");
    await inspected.paused;
    inspected.send("Debugger.resume");
    return inspected;
  },
  async "another debugger resumes it"(make) {
    const inspected = make("stop");
    await inspected.paused;
    inspected.send("Debugger.enable", {}, 2);
    inspected.send("Debugger.resume", {}, 2);
    return inspected;
  },
  async "its debugger leaves"(make) {
    const inspected = make("stop");
    await inspected.paused;
    inspected.inspection.leave(1);
    return inspected;
  },
  async "it ends while it is paused"(make) {
    const inspected = make("stop");
    await inspected.paused;
    await inspected.inspection.end();
    return inspected;
  },
  async "it ends while it loops"(make) {
    const inspected = make("loop");
    await delay(5);
    await inspected.inspection.end();
    return inspected;
  },
  async "it ends while its loop is paused"(make) {
    const inspected = make("loop");
    await delay(5);
    inspected.send("Debugger.pause");
    await inspected.paused;
    await inspected.inspection.end();
    return inspected;
  },
  async "it ends within its microtasks"(make) {
    const inspected = make("microtasks");
    await delay(5);
    await inspected.inspection.end();
    return inspected;
  },
  async "it ends within an operation"(make) {
    return make("end");
  },
  async "it ends while a debugger's code loops"(make) {
    const inspected = make("nothing");
    await inspected.turn;
    inspected.send("Runtime.evaluate", { expression: "for (;;);" });
    await delay(5);
    await inspected.inspection.end();
    return inspected;
  },
  async "more debuggers come and go than there are sessions"(make) {
    const inspected = make("nothing");
    for (let id = 1; id < 20; id++) {
      while (!inspected.send("Debugger.enable", {}, id)) await delay(1);
      inspected.inspection.leave(id);
    }
    return inspected;
  },
};

const told: Record<string, string[]> = {};
for (const [moment, run] of Object.entries(moments)) {
  const ends = new Set<string>();
  for (let time = 0; time < times; time++) {
    const inspected = await run((what) => new Inspected(what));
    ends.add(await inspected.turn);
    await inspected.inspection.end();
  }
  told[moment] = [...ends].sort();
}
console.log(JSON.stringify(told));
