import { callSync, primordials } from "../bridge.ts";
import { processState } from "../process-state.ts";
import { requireInternal } from "../registry.ts";

/** Longer lines are cut: CloudWatch would split them, and the host refuses them. */
const maxLineCharacters = 256 * 1024 - 64;

type Formatter = { format(...args: unknown[]): string; inspect(value: unknown, options?: unknown): string };
type ConsoleClass = new (options: object) => { table(...args: unknown[]): void };

/** The part of node:util that formats. */
const formatter = () => requireInternal("library:internal/util/inspect") as Formatter;

/** util.format, without loading it for what most functions log: one string. */
function formatted(args: readonly unknown[]): string {
  const first = args[0];
  if (args.length === 1 && typeof first === "string") return first;
  // Zero may be negative, which shows.
  if (args.length === 1 && ((typeof first === "number" && first !== 0) || typeof first === "boolean"))
    return primordials.String(first);
  return formatter().format(...args);
}

function write(level: string, text: string): void {
  // The rest of a line that was printed to a stream came before.
  processState.flushOutput?.();
  callSync("log", level, text.length > maxLineCharacters ? text.slice(0, maxLineCharacters) : text);
}

/** Writes a line as the runtime itself does. */
export function logLine(level: string, text: string): void {
  write(level, text);
}

/** V8's own console, which speaks to debuggers alone: kept before ours takes its place. */
const debuggers = (globalThis as unknown as { console?: Record<string, unknown> }).console;

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
  const logTime = (method: string, name: string, args: readonly unknown[]): void => {
    const startMs = timers.get(name);
    if (startMs === undefined) {
      warnProcess(`No such label '${name}' for console.${method}()`);
      return;
    }
    const { formatTime } = requireInternal("library:internal/util/debuglog") as {
      formatTime(ms: number): string;
    };
    const text = formatTime(nowMs() - startMs);
    // One string needs no formatting.
    if (args.length === 0) info(`${name}: ${text}`);
    else info("%s: %s", name, text, ...args);
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
      if (condition) return;
      const [first, ...rest] = args;
      if (typeof first === "string") warn(`Assertion failed: ${first}`, ...rest);
      else warn("Assertion failed", ...args);
    },
    clear(): void {},
    dir(...[value, options]: unknown[]): void {
      info(formatter().inspect(value, { customInspect: false, ...(options as object | undefined) }));
    },
    dirxml: info,
    table(...args: unknown[]): void {
      info(table(args));
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
      const name = `${label}`;
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      info(`${name}: ${count}`);
    },
    countReset(label: unknown = "default"): void {
      const name = `${label}`;
      if (!counts.delete(name)) warnProcess(`Count for '${name}' does not exist`);
    },
    time(label: unknown = "default"): void {
      const name = `${label}`;
      if (timers.has(name)) warnProcess(`Label '${name}' already exists for console.time()`);
      else timers.set(name, nowMs());
    },
    timeLog(label: unknown = "default", ...args: unknown[]): void {
      logTime("timeLog", `${label}`, args);
    },
    timeEnd(label: unknown = "default"): void {
      const name = `${label}`;
      logTime("timeEnd", name, []);
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

/** A warning of the process, whose listeners hear of it: one of them writes it to the log. */
function warnProcess(text: string): void {
  (requireInternal("node:process") as { emitWarning(text: string): void }).emitWarning(text);
}

/** What Node's own console makes of a table. @throws {TypeError} The columns are no array. */
function table(args: readonly unknown[]): string {
  const { Console } = requireInternal("library:internal/console/constructor") as { Console: ConsoleClass };
  let text = "";
  const stdout = {
    write(line: string): void {
      text = line.slice(0, -1);
    },
  };
  new Console({ stdout, ignoreErrors: false, colorMode: false }).table(...args);
  return text;
}
