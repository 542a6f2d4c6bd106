import { parse } from "acorn";
import { keepContexts } from "./parsed-code/awaits.ts";
import { Edits } from "./parsed-code/edits.ts";
import { type EsModuleText, rewriteEsModule } from "./parsed-code/es-module.ts";
import { type Node, walk } from "./parsed-code/walk.ts";

export type { EsModuleText } from "./parsed-code/es-module.ts";

/*
 * What has to be known of code exactly before it can be compiled where it runs: a parser's work, which is loaded when there
 * is some.
 */

/** As long as the keyword that it replaces, and a parameter of each CommonJS wrapper. */
const load = "$load$";

/** @param path For the error. @throws {SyntaxError} It is no ES module. */
export function esModuleText(path: string, code: string): EsModuleText {
  return rewriteEsModule(parsed(path, code, "module"), code);
}

/** CommonJS whose awaits keep the context. What does not parse stays as it is, for V8 to complain of. */
export function withContexts(path: string, code: string): string {
  let program: Node;
  try {
    program = parsed(path, code, "script");
  } catch {
    return code;
  }
  const edits = new Edits();
  keepContexts(program, code, load, edits);
  walk(program, {
    enter: ({ type, start }) => {
      if (type === "ImportExpression") edits.replace({ start, end: start + "import".length }, load);
    },
  });
  return edits.apply(code);
}

function parsed(path: string, code: string, sourceType: "module" | "script"): Node {
  try {
    return parse(code, {
      ecmaVersion: "latest",
      sourceType,
      allowReturnOutsideFunction: sourceType === "script",
      preserveParens: true,
    }) as unknown as Node;
  } catch (error) {
    const { message, loc } = error as Error & { loc?: { line: number; column: number } };
    if (loc === undefined) throw error;
    const reason = new SyntaxError(message.replace(/ \(\d+:\d+\)$/, ""));
    reason.stack = `SyntaxError: ${reason.message}\n    at ${path}:${loc.line}:${loc.column + 1}`;
    throw reason;
  }
}
