import { callSync } from "../../bridge.ts";
import { processState } from "../../process-state.ts";
import { invalidArgType, nodeError, outOfRange } from "./errors.ts";
import { osConstants } from "./os-constants.ts";

/** How a process ends: its status, what it says to whom before, and what becomes of errors that nobody caught. */
interface Emitter {
  emit(name: string, ...args: unknown[]): boolean;
  listenerCount(name: string): number;
}

type Capture = (error: unknown) => unknown;

/** @throws {TypeError} It is neither a whole number nor one as a string. */
function checkedStatus(code: unknown): number | undefined {
  if (code === undefined || code === null) return undefined;
  const status = typeof code === "string" && code !== "" ? Number(code) : code;
  if (typeof status !== "number" || (typeof code === "string" && Number.isNaN(status))) {
    throw invalidArgType("code", "of type number", code);
  }
  if (!Number.isInteger(status)) throw outOfRange("code", "an integer", code);
  return status;
}

export function reallyExit(code?: unknown): never {
  const status = (checkedStatus(code) ?? 0) & 0xff;
  processState.flushOutput?.();
  callSync("process.exit", status);
  // The host ends the environment within the call, so this is reached by a broken host only.
  throw nodeError(Error, "ERR_WORKER_OUT_OF_MEMORY", "The environment did not end");
}

export function createEnd(process: () => Emitter) {
  let exitCode: unknown;
  let isExiting = false;
  let capture: Capture | null = null;

  function exit(code?: unknown): never {
    if (code !== undefined && code !== null) members.exitCode = code;
    if (!isExiting) {
      isExiting = true;
      process().emit("exit", checkedStatus(exitCode) ?? 0);
    }
    (process() as unknown as { reallyExit(status: number): void }).reallyExit(checkedStatus(exitCode) ?? 0);
    return reallyExit(checkedStatus(exitCode) ?? 0);
  }

  const members = {
    exit,
    reallyExit,
    abort: () => reallyExit(128 + osConstants.signals.SIGABRT),
    get exitCode(): unknown {
      return exitCode;
    },
    set exitCode(code: unknown) {
      checkedStatus(code);
      exitCode = code;
    },
    get _exiting(): boolean {
      return isExiting;
    },
    set _exiting(value: boolean) {
      isExiting = value;
    },
    /** There is one process: signals to it are as Node's, all others find nobody. */
    kill(pid: unknown, signal: unknown = "SIGTERM"): true {
      // biome-ignore lint/suspicious/noDoubleEquals: Node takes strings of digits, too
      if (pid != (Number(pid) | 0)) throw invalidArgType("pid", "of type number", pid);
      const { signals } = osConstants;
      const number =
        typeof signal === "number" ? signal : (signals as Record<string, number>)[String(signal)];
      if (number === undefined) {
        throw nodeError(TypeError, "ERR_UNKNOWN_SIGNAL", `Unknown signal: ${String(signal)}`);
      }
      if (Math.abs(Number(pid)) !== 1 && Number(pid) !== 0) {
        throw Object.assign(new Error("kill ESRCH"), { code: "ESRCH", errno: -3, syscall: "kill" });
      }
      const name = Object.keys(signals).find((key) => (signals as Record<string, number>)[key] === number);
      if (number === 0 || name === "SIGCHLD" || name === "SIGWINCH" || name === "SIGURG") return true;
      if (name === undefined || !process().emit(name, name, number)) reallyExit(128 + number);
      return true;
    },
    setUncaughtExceptionCaptureCallback(callback: unknown): void {
      if (callback === null) capture = null;
      else if (typeof callback !== "function") {
        throw invalidArgType("fn", "of type function or null", callback);
      } else if (capture !== null) {
        throw nodeError(
          Error,
          "ERR_UNCAUGHT_EXCEPTION_CAPTURE_ALREADY_SET",
          "`process.setupUncaughtExceptionCapture()` was called while a capture callback was already active",
        );
      } else capture = callback as Capture;
    },
    hasUncaughtExceptionCaptureCallback: () => capture !== null,
  };

  /** What the runtime tells of errors that nobody caught. */
  const uncaught: Emitter = {
    listenerCount: (name) =>
      name === "uncaughtException" && capture !== null ? 1 : process().listenerCount(name),
    emit(name, ...args) {
      if (name !== "uncaughtException") return process().emit(name, ...args);
      if (capture !== null) {
        capture(args[0]);
        return true;
      }
      process().emit("uncaughtExceptionMonitor", ...args);
      return process().emit(name, ...args);
    },
  };
  return { members, uncaught };
}
