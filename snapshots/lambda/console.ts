import { callSync, primordials } from "../bridge.ts";
import { requireInternal } from "../registry.ts";

/** Longer lines are cut: CloudWatch would split them, and the host refuses them. */
const maxLineCharacters = 256 * 1024 - 64;

type Formatter = { format(...args: unknown[]): string; inspect(value: unknown, options?: unknown): string };

/** The part of node:util that formats. */
const formatter = () => requireInternal("library:internal/util/inspect") as Formatter;

/** util.format, without loading it for what most functions log: one string. */
function formatted(args: readonly unknown[]): string {
  const first = args[0];
  if (args.length === 1 && typeof first === "string") return first;
  if (args.length === 1 && (typeof first === "number" || typeof first === "boolean"))
    return primordials.String(first);
  return formatter().format(...args);
}

function write(level: string, text: string): void {
  callSync("log", level, text.length > maxLineCharacters ? text.slice(0, maxLineCharacters) : text);
}

/** Writes a line as the runtime itself does. */
export function logLine(level: string, text: string): void {
  write(level, text);
}

/** V8's own console, which speaks to debuggers alone: kept before ours takes its place. */
const debuggers = (globalThis as { console?: Record<string, unknown> }).console;

/** From now on debuggers hear what is logged, too: an isolate that they may be attached to starts with this. */
export function tellDebuggers(): void {
  const { console } = globalThis as unknown as { console: Record<string, unknown> };
  for (const name of Object.keys(console)) {
    const [own, tell] = [console[name], debuggers?.[name]];
    if (typeof own !== "function" || typeof tell !== "function") continue;
    console[name] = (...args: unknown[]): unknown => {
      primordials.ReflectApply(tell, debuggers, args);
      return primordials.ReflectApply(own, console, args);
    };
  }
}

/** console of Lambda's Node runtime: each call is one event of the log, at the level that its method has. */
export function createConsole(): Record<string, unknown> {
  let indent = "";
  const counts = new primordials.Map<string, number>();
  const timers = new primordials.Map<string, number>();
  const log =
    (level: string) =>
    (...args: unknown[]): void => {
      const text = formatted(args);
      write(level, indent === "" ? text : indent + text.replaceAll("\n", `\n${indent}`));
    };
  const info = log("INFO");
  const warn = log("WARN");
  const nowMs = (): number => callSync("clock.monotonic") as number;
  const elapsed = (label: string): string => {
    const startMs = timers.get(label);
    if (startMs === undefined) return "";
    const ms = nowMs() - startMs;
    return ms >= 1000 ? `${(ms / 1000).toFixed(3)}s` : `${ms.toFixed(3)}ms`;
  };
  const members = {
    log: info,
    info,
    debug: log("DEBUG"),
    trace(...args: unknown[]): void {
      const holder: { stack?: string } = {};
      (
        primordials.Error as unknown as { captureStackTrace(target: object, above: unknown): void }
      ).captureStackTrace(holder, members.trace);
      const stack = (holder.stack ?? "").split("\n").slice(1).join("\n");
      log("TRACE")(`Trace${args.length > 0 ? `: ${formatted(args)}` : ""}\n${stack}`);
    },
    warn,
    error: log("ERROR"),
    fatal: log("FATAL"),
    assert(...[condition, ...args]: unknown[]): void {
      if (!condition) warn(`Assertion failed${args.length > 0 ? `: ${formatted(args)}` : ""}`);
    },
    clear(): void {},
    dir(...[value, options]: unknown[]): void {
      info(formatter().inspect(value, options));
    },
    dirxml: info,
    table(...[data]: unknown[]): void {
      info(table(data));
    },
    group(...args: unknown[]): void {
      if (args.length > 0) info(...args);
      indent += "  ";
    },
    groupCollapsed(...args: unknown[]): void {
      members.group(...args);
    },
    groupEnd(): void {
      indent = indent.slice(2);
    },
    count(label: unknown = "default"): void {
      const name = primordials.String(label);
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      info(`${name}: ${count}`);
    },
    countReset(label: unknown = "default"): void {
      counts.delete(primordials.String(label));
    },
    time(label: unknown = "default"): void {
      timers.set(primordials.String(label), nowMs());
    },
    timeLog(label: unknown = "default", ...args: unknown[]): void {
      const name = primordials.String(label);
      const text = elapsed(name);
      if (text !== "") info(`${name}: ${text}`, ...args);
    },
    timeEnd(label: unknown = "default"): void {
      const name = primordials.String(label);
      const text = elapsed(name);
      if (text !== "") info(`${name}: ${text}`);
      timers.delete(name);
    },
    timeStamp(): void {},
    profile(): void {},
    profileEnd(): void {},
  };
  // A namespace, as Web IDL has it: members of its own, and a prototype without any.
  const console: Record<string, unknown> = Object.assign(Object.create({}), members);
  // Logging libraries write to its streams, where it has any.
  defineHidden(console, "_stdout", () => streams().stdout);
  defineHidden(console, "_stderr", () => streams().stderr);
  defineHidden(console, "Console", () => (requireInternal("node:console") as { Console: unknown }).Console);
  primordials.ObjectDefineProperty(console, Symbol.toStringTag, { value: "console", configurable: true });
  return console;
}

const streams = () => requireInternal("node:process") as { stdout: unknown; stderr: unknown };

function defineHidden(target: object, name: string, get: () => unknown): void {
  const set = (value: unknown) =>
    primordials.ObjectDefineProperty(target, name, { value, writable: true, configurable: true });
  primordials.ObjectDefineProperty(target, name, { get, set, configurable: true });
}

/** console.table: rows by index, columns by the members that any row has. */
function table(data: unknown): string {
  if (typeof data !== "object" || data === null) return formatted([data]);
  const { inspect } = formatter();
  const rows = Object.entries(data as Record<string, unknown>);
  const columns: string[] = [];
  let hasValues = false;
  for (const [, row] of rows) {
    if (typeof row === "object" && row !== null) {
      for (const key of Object.keys(row)) if (!columns.includes(key)) columns.push(key);
    } else hasValues = true;
  }
  const head = ["(index)", ...columns, ...(hasValues ? ["Values"] : [])];
  const cells = rows.map(([index, row]) => {
    const isObject = typeof row === "object" && row !== null;
    const of = (key: string) =>
      isObject && key in row ? inspect((row as Record<string, unknown>)[key]) : "";
    return [index, ...columns.map(of), ...(hasValues ? [isObject ? "" : inspect(row)] : [])];
  });
  const widths = head.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => (row[column] ?? "").length)),
  );
  const line = (left: string, middle: string, right: string) =>
    left + widths.map((width) => "─".repeat(width + 2)).join(middle) + right;
  const text = (row: string[]) =>
    `│ ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(" │ ")} │`;
  return [line("┌", "┬", "┐"), text(head), line("├", "┼", "┤"), ...cells.map(text), line("└", "┴", "┘")].join(
    "\n",
  );
}
