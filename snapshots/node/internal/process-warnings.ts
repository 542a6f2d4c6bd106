import { nextTick } from "../../ticks.ts";
import { assertString, invalidArgType } from "./errors.ts";

export interface Warning extends Error {
  code?: string;
  detail?: string;
}

type Constructor = (...args: never[]) => unknown;

interface WarningOptions {
  type?: string;
  code?: string;
  detail?: unknown;
  ctor?: Constructor;
}

/** The process, as far as warnings are concerned: code sets these. */
interface WarnedProcess {
  noDeprecation?: boolean;
  throwDeprecation?: boolean;
  traceDeprecation?: boolean;
  emit(name: string, warning: Error): boolean;
}

const { captureStackTrace } = Error as unknown as {
  captureStackTrace(target: object, above: Constructor): void;
};

/** process.emitWarning, with Node's many forms of its arguments. @throws {TypeError} One of them is none. */
export function createEmitWarning(process: () => WarnedProcess) {
  return function emitWarning(
    warning: unknown,
    type?: string | WarningOptions | Constructor | null,
    code?: string | Constructor,
    above?: Constructor,
  ): void {
    const options: WarningOptions = {};
    if (type !== null && typeof type === "object" && !Array.isArray(type)) {
      Object.assign(options, type, { type: type.type || "Warning" });
      if (typeof type.detail !== "string") delete options.detail;
    } else if (typeof type === "function") Object.assign(options, { type: "Warning", ctor: type });
    else {
      if (type !== undefined) assertString(type, "type");
      if (typeof code === "function") above = code;
      else if (code !== undefined) options.code = code;
      if (type !== undefined) options.type = type;
    }
    if (options.type !== undefined) assertString(options.type, "type");
    if (options.code !== undefined) assertString(options.code, "code");
    const made = asWarning(warning, options, options.ctor ?? above ?? emitWarning);
    const { noDeprecation, throwDeprecation } = process();
    if (made.name === "DeprecationWarning") {
      if (noDeprecation) return;
      if (throwDeprecation) {
        nextTick(() => {
          throw made;
        });
        return;
      }
    }
    nextTick(() => process().emit("warning", made));
  };
}

function asWarning(warning: unknown, options: WarningOptions, above: Constructor): Warning {
  if (warning instanceof Error) return warning;
  if (typeof warning !== "string") {
    throw invalidArgType("warning", "of type string or an instance of Error", warning);
  }
  const made: Warning = new Error(warning);
  made.name = options.type || "Warning";
  if (options.code !== undefined) made.code = options.code;
  if (options.detail !== undefined) made.detail = options.detail as string;
  captureStackTrace(made, above);
  return made;
}

/** What prints warnings: a listener as any other, which code may remove. */
export function createWarningPrinter(process: () => WarnedProcess, print: (text: string) => void) {
  return (warning: unknown): void => {
    if (!(warning instanceof Error)) return;
    const isDeprecation = warning.name === "DeprecationWarning";
    const { noDeprecation, traceDeprecation } = process();
    if (isDeprecation && noDeprecation) return;
    const { code, detail, stack } = warning as Warning;
    const shown = code === undefined ? "" : `[${code}] `;
    const text = isDeprecation && traceDeprecation && stack ? stack : textOf(warning);
    print(`(node:1) ${shown}${text}${typeof detail === "string" ? `\n${detail}` : ""}\n`);
  };
}

function textOf(warning: Error): string {
  const own: unknown = warning.toString;
  return Reflect.apply(typeof own === "function" ? own : Error.prototype.toString, warning, []) as string;
}
