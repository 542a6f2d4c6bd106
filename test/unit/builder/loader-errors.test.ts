import { describe, expect, test } from "vitest";
import { bundleOf, evaluate, exportsOf, LoaderFailure } from "./bundled-function.ts";

async function failureOf(files: Record<string, string>, handler?: string): Promise<LoaderFailure> {
  const error = await exportsOf(files, handler).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(LoaderFailure);
  return error as LoaderFailure;
}

describe("handler strings", () => {
  test.each([
    ["index.handler", { "index.js": "exports.handler = 1" }],
    ["index.nested.handler", { "index.js": "exports.handler = 1" }],
    ["src/lambda/app.handler", { "src/lambda/app.js": "exports.handler = 1" }],
    ["/var/task/src/app.handler", { "src/app.js": "exports.handler = 1" }],
    ["index.handler", { "index.mjs": "export const handler = 1" }],
    ["index.handler", { "index.cjs": "exports.handler = 1" }],
    ["index.handler", { "index.ts": "export const handler: number = 1" }],
    ["index.handler", { index: "exports.handler = 1" }],
    ["pkg.handler", { "node_modules/pkg/index.js": "exports.handler = 1" }],
  ])("%s of %j", async (handler, files) => {
    expect((await exportsOf(files as unknown as Record<string, string>, handler))["handler"]).toBe(1);
  });

  test("a file without extension comes before .js, .js before .mjs, .mjs before .cjs, JavaScript before TypeScript", async () => {
    const files: Record<string, string> = {
      "index.ts": "export const handler = 'ts'",
      "index.cjs": "exports.handler = 'cjs'",
      "index.mjs": "export const handler = 'mjs'",
      "index.js": "exports.handler = 'js'",
      index: "exports.handler = 'none'",
    };
    const order: unknown[] = [];
    for (const name of ["index", "index.js", "index.mjs", "index.cjs", "index.ts"]) {
      order.push((await exportsOf(files))["handler"]);
      delete files[name];
    }
    expect(order).toEqual(["none", "js", "mjs", "cjs", "ts"]);
  });

  test("one without a dot, or with two in a row, is malformed", async () => {
    expect(await failureOf({ "index.js": "" }, "index")).toMatchObject({
      errorType: "Runtime.MalformedHandlerName",
      message: "Bad handler",
    });
    expect(await failureOf({ "index.js": "" }, "../index.handler")).toMatchObject({
      errorType: "Runtime.MalformedHandlerName",
      message:
        "'../index.handler' is not a valid handler name. Use absolute paths when specifying root directories in handler names.",
    });
  });
});

describe("missing modules", () => {
  test("a missing entry is Runtime.ImportModuleError in Lambda's words", async () => {
    expect(await failureOf({ "other.js": "" })).toMatchObject({
      errorType: "Runtime.ImportModuleError",
      message: "Error: Cannot find module 'index'\nRequire stack:\n- /var/runtime/index.mjs",
    });
  });

  test("a missing dependency is too, with the stack of requires", async () => {
    const failure = await failureOf({ "index.js": `require("./lib/a")`, "lib/a.js": `require("left-pad")` });
    expect(failure).toMatchObject({
      errorType: "Runtime.ImportModuleError",
      message:
        "Error: Cannot find module 'left-pad'\nRequire stack:\n- /var/task/lib/a.js\n- /var/task/index.js\n- /var/runtime/index.mjs",
    });
    expect(failure.trace.slice(0, 2)).toEqual([
      "Runtime.ImportModuleError: Error: Cannot find module 'left-pad'",
      "Require stack:",
    ]);
  });

  test("an optional require inside of try is just not there", async () => {
    const exports = await exportsOf({
      "index.js": `try { exports.native = require("optional-native") } catch (error) { exports.code = error.code }
        exports.later = () => require("not-yet")`,
    });
    expect(exports).toMatchObject({ code: "MODULE_NOT_FOUND" });
    expect(exports["later"]).toThrow("Cannot find module 'not-yet'");
  });

  test("a missing import passes through with Node's code and words", async () => {
    await expect(exportsOf({ "index.mjs": `import "left-pad"` })).rejects.toMatchObject({
      code: "ERR_MODULE_NOT_FOUND",
      message: "Cannot find package 'left-pad' imported from /var/task/index.mjs",
    });
    await expect(exportsOf({ "index.mjs": `import "./nope.mjs"` })).rejects.toMatchObject({
      code: "ERR_MODULE_NOT_FOUND",
      message: "Cannot find module '/var/task/nope.mjs' imported from /var/task/index.mjs",
    });
    const exports = await exportsOf({
      "index.mjs": `export const code = await import("left-pad").catch((error) => error.code)`,
    });
    expect(exports["code"]).toBe("ERR_MODULE_NOT_FOUND");
  });

  test("a native addon is refused when it is required, and says why", async () => {
    const exports = await exportsOf({
      "index.js": `try { require("./a.node") } catch (error) { exports.error = error }`,
      "a.node": "\x7fELF",
    });
    expect(exports["error"]).toMatchObject({ code: "ERR_DLOPEN_FAILED" });
  });
});

describe("syntax errors", () => {
  test.each([
    ["index.js", "exports.a = 1;\nconst = 1", "Unexpected token '='", 2, 7],
    ["index.js", "let a;\nlet a;", "Identifier 'a' has already been declared", 2, 5],
    ["index.mjs", "export const a = 1;\n\n  const b = ;", "Unexpected", 3, 13],
    ["index.ts", "export const a: number = 1;\nexport const = 1", "Expected identifier", 2, 14],
    ["index.js", "exports.a = 1;\nexports.b = /(?<x>a)(?<x>b)/;", "Invalid regular expression", 2, 1],
    ["index.mjs", "export const a = 1;\nexport const b = /[/;", "", 2, 1],
  ])("of %s are Runtime.UserCodeSyntaxError, with file and line: %j", async (name, code, message, line) => {
    const failure = await failureOf({ [name]: code });
    expect(failure.errorType).toBe("Runtime.UserCodeSyntaxError");
    expect(failure.message).toMatch(/^SyntaxError: /);
    expect(failure.message).toContain(message);
    expect(failure.trace[0]).toBe(`Runtime.UserCodeSyntaxError: ${failure.message}`);
    expect(failure.trace.join("\n")).toMatch(
      new RegExp(`    at /var/task/${name.replace(".", "\\.")}:${line}:\\d+`),
    );
  });

  test("a dependency's hit only who evaluates it", async () => {
    const files = {
      "bad.js": "const = 1",
      "bad.mjs": "export const = 1",
      "regexp.js": "module.exports = /(/",
    };
    const exports = await exportsOf({
      ...files,
      "index.js": `for (const name of ["./bad", "./regexp"]) try { name === "./bad" ? require("./bad") : require("./regexp") } catch (error) { exports[name] = error instanceof SyntaxError }
        exports.late = () => import("./bad.mjs")`,
    });
    expect(exports).toMatchObject({ "./bad": true, "./regexp": true });
    await expect((exports["late"] as () => Promise<unknown>)()).rejects.toThrow(SyntaxError);
    expect(
      (await failureOf({ ...files, "index.mjs": `import "./bad.mjs"; export const handler = 1` })).errorType,
    ).toBe("Runtime.UserCodeSyntaxError");
  });

  test("an import of a name that an ES module does not export is one", async () => {
    const failure = await failureOf({
      "index.mjs": `import { nope } from "./a.mjs";\nexport const handler = nope`,
      "a.mjs": "export const a = 1",
    });
    expect(failure.errorType).toBe("Runtime.UserCodeSyntaxError");
    expect(failure.message).toContain("nope");
  });

  test("a JSON file that does not parse throws where it is required", async () => {
    const failure = await failureOf({ "index.js": `require("./a.json")`, "a.json": "{" });
    expect(failure.message).toMatch(/^SyntaxError: \/var\/task\/a\.json: /);
  });
});

describe("what the code throws", () => {
  test("passes through load() as it is", async () => {
    await expect(exportsOf({ "index.js": "throw new RangeError('mine')" })).rejects.toThrow(RangeError);
    await expect(exportsOf({ "index.mjs": "await 1; throw new RangeError('mine')" })).rejects.toThrow(
      RangeError,
    );
  });

  test("code that tries to close the wrapper stays a syntax error of its own file", async () => {
    expect((await failureOf({ "index.js": "}); globalThis.escaped = 1; (function () {" })).errorType).toBe(
      "Runtime.UserCodeSyntaxError",
    );
    expect(
      (await evaluate(await bundleOf({ "index.js": "exports.a = 1 // comment without end of line" })))
        .exports,
    ).toEqual({ a: 1 });
    expect(Reflect.get(globalThis, "escaped")).toBe(undefined);
  });
});
