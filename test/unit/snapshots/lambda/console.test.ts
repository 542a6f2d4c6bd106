import { Console } from "node:console";
import { Writable } from "node:stream";
import { inspect } from "node:util";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { bindHost } from "../../../../snapshots/bridge.ts";
import { createConsole } from "../../../../snapshots/lambda/console.ts";
import { provideInternal } from "../../../../snapshots/registry.ts";
import { type Guest, loadGuest } from "../node/guest-modules.ts";

type AnyConsole = Record<string, (...args: unknown[]) => void>;

let guest: Guest;
/** What the guest's console logged, level by level. */
const logged: [level: string, text: string][] = [];
let nowMs = 0;

beforeAll(async () => {
  guest = await loadGuest();
  for (const name of ["internal/util/inspect", "internal/util/debuglog", "internal/console/constructor"]) {
    provideInternal(`library:${name}`, guest.require(`library:${name}`));
  }
  provideInternal("node:process", { default: guest.require("node:process") });
  bindHost((operation, ...args) => {
    if (operation === "log") logged.push(args as [string, string]);
    return operation === "clock.monotonic" ? nowMs : undefined;
  });
});
beforeEach(() => {
  logged.length = 0;
});

/** What a console prints, line by line, or what it throws. */
function printed(use: (console: AnyConsole) => void): { guest: unknown; node: unknown } {
  let text = "";
  const attempt = (console: unknown, read: () => string) => {
    try {
      use(console as AnyConsole);
      return read();
    } catch (error) {
      return [(error as { code?: string }).code ?? (error as Error).name, (error as Error).message];
    }
  };
  const stdout = new Writable({
    write(line, _encoding, done) {
      text += line;
      done();
    },
  });
  return {
    guest: attempt(createConsole(), () => logged.map(([, line]) => `${line}\n`).join("")),
    node: attempt(new Console({ stdout, colorMode: false }), () => text),
  };
}

class Point {
  x = 1;
  #y = 2;
  get y() {
    return this.#y;
  }
  [inspect.custom]() {
    return "custom";
  }
}

const data = {
  rows: [
    { a: 1, b: "two" },
    { a: [1, 2, 3, 4], c: { deep: { deeper: 1 } } },
  ],
  map: new Map<unknown, unknown>([
    ["k", 1],
    [{ o: 1 }, [1]],
  ]),
  wide: { 日本: { ключ: "全角" }, e: { ключ: "e\u0301" } },
};

test.each<[name: string, use: (console: AnyConsole) => void]>([
  ["a table of rows", (console) => console["table"]!(data.rows)],
  ["a table of some columns", (console) => console["table"]!(data.rows, ["b", "none"])],
  ["a table of no columns", (console) => console["table"]!(data.rows, [])],
  ["a table's columns that are no array", (console) => console["table"]!(data.rows, "b")],
  ["a table of a map", (console) => console["table"]!(data.map)],
  ["a table of a set", (console) => console["table"]!(new Set([1, "a", { b: 2 }]))],
  ["a table of primitives, and of both", (console) => console["table"]!([1, "a", null, { b: 2 }, [3]])],
  ["a table of primitives by columns", (console) => console["table"]!([1, { b: 2 }], ["b"])],
  ["a table of nothing", (console) => console["table"]!([])],
  [
    "a table of what is none",
    (console) => {
      for (const value of [5, null, undefined, "text"]) console["table"]!(value);
    },
  ],
  ["a table of wide letters", (console) => console["table"]!(data.wide)],
  ["a table of large objects", (console) => console["table"]!([[{ a: 1, b: 2, c: 3 }], { d: new Point() }])],
  ["a table in a group", (console) => [console["group"]!("in"), console["table"]!([1])]],
  [
    "assertions",
    (console) => {
      console["assert"]!(true, "no");
      console["assert"]!();
      console["assert"]!(false, { a: 1 });
      console["assert"]!(0, "%s is %d", "a", 1, "more");
      console["assert"]!(false, 5, "%s", "a");
      console["assert"]!(false, "a%", "b");
    },
  ],
  [
    "dir",
    (console) => {
      console["dir"]!(new Point());
      console["dir"]!(new Point(), { customInspect: true });
      console["dir"]!({ a: { b: { c: { d: 1 } } } }, { depth: 0 });
      console["dir"]!("text", null);
    },
  ],
  [
    "counts",
    (console) => {
      for (const label of [undefined, "default", 5, "5", null, "100%d"]) console["count"]!(label);
      console["countReset"]!("5");
      console["count"]!(5);
    },
  ],
  ["a label that is none", (console) => console["count"]!(Symbol("s"))],
  [
    "what is logged alone",
    (console) => {
      for (const value of [-0, 0, 1n, true, Symbol("s"), "%d"]) console["log"]!(value);
    },
  ],
])("%s: as Node's console", (_name, use) => {
  const { guest, node } = printed(use);
  expect(guest).toEqual(node);
  expect(node).not.toBe("");
});

test("a label that is unknown, or that runs already, is a warning of the process in Node's words", async () => {
  const use = (console: AnyConsole) => {
    console["countReset"]!("a");
    console["timeLog"]!("b", 1);
    console["timeEnd"]!();
    console["time"]!("c");
    console["time"]!("c");
    console["timeEnd"]!("c");
    console["timeEnd"]!("c");
  };
  const heard = { guest: [] as string[], node: [] as string[] };
  const hear = (of: "guest" | "node") => (warning: Error) =>
    void heard[of].push(`${warning.name}: ${warning.message}`);
  const listeners = { guest: hear("guest"), node: hear("node") };
  const guestProcess = guest.require("node:process");
  guestProcess.on("warning", listeners.guest);
  const others = process.listeners("warning");
  process.removeAllListeners("warning").on("warning", listeners.node);
  printed(use);
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", listeners.node);
  for (const other of others) process.on("warning", other);
  guestProcess.off("warning", listeners.guest);
  expect(heard.guest).toHaveLength(5);
  expect(heard.guest).toEqual(heard.node);
  expect(guest.log.join("\n")).toContain("Warning: Count for 'a' does not exist");
});

test("times are told as Node tells them", () => {
  const console = createConsole() as AnyConsole;
  console["time"]!("%d");
  for (const ms of [0, 0.5, 12.3456, 999, 1000, 61_000, 3_723_004]) {
    nowMs = ms;
    console["timeLog"]!("%d", "so far", { a: 1 });
  }
  console["timeEnd"]!("%d");
  expect(logged.map(([level, text]) => `${level} ${text}`)).toEqual([
    ...[
      "0ms",
      "0.5ms",
      "12.346ms",
      "999ms",
      "1.000s",
      "1:01.000 (m:ss.mmm)",
      "1:02:03.004 (h:mm:ss.mmm)",
    ].map((text) => `INFO %d: ${text} so far { a: 1 }`),
    "INFO %d: 1:02:03.004 (h:mm:ss.mmm)",
  ]);
});
