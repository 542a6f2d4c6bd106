import { bundleFilename } from "../../model/guest-files.ts";

/** V8's own context of each isolate, in which nothing of the function's runs. */
const emptyContext = "default";
/** Of a command of ours. */
const ownId = 2 ** 31 - 2;
/** A debugger's ids are below those that are ours, here and in the host. */
const mostId = ownId - 1;
/** What is not the function's own code: nobody wants to step into it. */
const ownScripts = ["^brisk:", "^library:", "^node:"];

/** Where a command says in which context it is meant; where it does not, V8 would want to be told by isolated-vm. */
const contextParameters: Readonly<Record<string, string>> = {
  "Runtime.evaluate": "contextId",
  "Runtime.compileScript": "contextId",
  "Runtime.runScript": "executionContextId",
  "Runtime.globalLexicalScopeNames": "executionContextId",
};

interface Command {
  readonly id: number;
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

type Parameters = Readonly<Record<string, unknown>>;

/**
 * Between one debugger and V8: the function's context is the one that counts, its bundle has a source map, and code of ours
 * is stepped over.
 */
export class Translation {
  readonly #name: string;
  readonly #sourceMapUrl: string;
  #contextId: number | undefined;

  /** @param name What the isolate is called. @param sourceMapUrl Of the function's bundle. */
  constructor(name: string, sourceMapUrl: string) {
    this.#name = name;
    this.#sourceMapUrl = sourceMapUrl;
  }

  /** What V8 is sent for a command, whose text `isCommand`. */
  toIsolate(text: string): readonly string[] {
    const command = JSON.parse(text) as Command;
    const { method } = command;
    const params = command.params ?? {};
    const contextParameter = contextParameters[method];
    if (method === "Debugger.enable") {
      const ours = { id: ownId, method: "Debugger.setBlackboxPatterns", params: { patterns: ownScripts } };
      return [text, JSON.stringify(ours)];
    }
    if (method === "Debugger.setBlackboxPatterns" && Array.isArray(params["patterns"])) {
      return [
        JSON.stringify({
          ...command,
          params: { ...params, patterns: [...params["patterns"], ...ownScripts] },
        }),
      ];
    }
    const isUnsaid =
      contextParameter !== undefined &&
      this.#contextId !== undefined &&
      params[contextParameter] === undefined &&
      params["uniqueContextId"] === undefined;
    if (!isUnsaid) return [text];
    return [JSON.stringify({ ...command, params: { ...params, [contextParameter]: this.#contextId } })];
  }

  /** What the debugger hears of what V8 says; undefined: nothing. The host sent it, so that it may be anything. */
  toDebugger(message: string): string | undefined {
    if (message.startsWith(`{"id":${ownId},`)) return undefined;
    if (isOf(message, "Runtime.executionContextCreated"))
      return changed(message, ({ context }) => this.#context(context));
    if (isOf(message, "Debugger.scriptParsed") && message.includes(bundleFilename)) {
      return changed(message, (params) =>
        params["url"] === bundleFilename ? { ...params, sourceMapURL: this.#sourceMapUrl } : params,
      );
    }
    if (isOf(message, "Runtime.consoleAPICalled")) return changed(message, fromOwnFramesOn);
    return message;
  }

  #context(context: unknown): object | undefined {
    const { id, name } = context as { id?: unknown; name?: unknown };
    if (name === emptyContext) return undefined;
    if (typeof id === "number") this.#contextId = id;
    return { context: { ...(context as object), name: this.#name, auxData: { isDefault: true } } };
  }
}

/** Whether a debugger's message is a command: V8 answers each of those, and is sent nothing else. */
export function isCommand(text: string): boolean {
  try {
    const { id, method, params } = JSON.parse(text) as { id?: unknown; method?: unknown; params?: unknown };
    const isNamed =
      typeof method === "string" && params !== null && (params === undefined || typeof params === "object");
    return isNamed && Number.isInteger(id) && (id as number) >= 0 && (id as number) <= mostId;
  } catch {
    return false;
  }
}

function isOf(message: string, method: string): boolean {
  return message.startsWith(`{"method":"${method}"`);
}

function changed(message: string, change: (params: Parameters) => object | undefined): string | undefined {
  try {
    const { method, params } = JSON.parse(message) as { method: string; params: Parameters };
    const made = change(params);
    return made && JSON.stringify({ method, params: made });
  } catch {
    return undefined;
  }
}

/**
 * A console's message comes from the function, not from the console that it is given to. Of one from before any debugger came
 * V8 knows no more than that console.
 */
function fromOwnFramesOn({ stackTrace, ...params }: Parameters): Parameters {
  const { callFrames = [] } = (stackTrace ?? {}) as { callFrames?: readonly { url?: unknown }[] };
  const first = callFrames.findIndex(({ url }) => !String(url).startsWith("brisk:"));
  if (first < 0) return params;
  return { ...params, stackTrace: { ...(stackTrace as object), callFrames: callFrames.slice(first) } };
}
