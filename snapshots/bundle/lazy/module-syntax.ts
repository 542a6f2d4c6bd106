import { parse } from "es-module-lexer/minimal/js";

/** As long as the keyword that it replaces, and a parameter of each CommonJS wrapper. */
const load = "$load$";

/** Whether code can only be an ES module, and the code with `$load$` in the place of each import(), which no script has. */
export function readSyntax(code: string): { isModule: boolean; code: string } {
  try {
    const [imports, exports] = parse(code);
    const isModule = exports.length > 0 || imports.some(({ d }) => d < 0);
    let result = "";
    let at = 0;
    for (const record of imports) {
      if (record.d < 0) continue;
      result += code.slice(at, record.ss) + load;
      at = record.ss + load.length;
    }
    return { isModule, code: result + code.slice(at) };
  } catch {
    // What the lexer cannot read is for V8 to complain of.
    return { isModule: false, code };
  }
}
