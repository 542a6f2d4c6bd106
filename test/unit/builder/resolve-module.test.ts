import { isBuiltin } from "node:module";
import { describe, expect, test } from "vitest";
import { ModuleResolver, type RequestKind } from "../../../snapshots/bundle/lazy/resolve-module.ts";
import { packageFiles } from "./bundled-function.ts";

const packageJson = (json: object) => JSON.stringify(json);

const files: Record<string, string> = {
  "package.json": packageJson({
    name: "app",
    exports: { "./self": "./src/self.js" },
    imports: {
      "#db": { node: "./src/db.js" },
      "#fs": "fs",
      "#dep": "both",
      "#loop": "#loop",
      "#out": "./../../etc/passwd",
    },
  }),
  "src/self.js": "",
  "src/db.js": "",
  "src/a.js": "",
  "src/a.json": "",
  "src/dir/index.js": "",
  "src/dir.js": "",
  "src/with main/package.json": packageJson({ main: "lib/start" }),
  "src/with main/lib/start.js": "",
  "src/bad-main/package.json": packageJson({ main: "gone.js" }),
  "src/bad-main/index.json": "",
  "src/typed.ts": "",
  "src/typed.test.mts": "",
  "shared/util.js": "",
  "node_modules/both/package.json": packageJson({
    name: "both",
    main: "./ignored.js",
    exports: {
      ".": { browser: "./browser.js", import: "./esm.mjs", require: "./cjs.cjs", default: "./default.js" },
      "./feature": [{ unknown: "./x.js" }, "./feature.js"],
      "./lib/*": "./lib/*.js",
      "./lib/private/*": null,
      "./sync": { "module-sync": "./sync.mjs", default: "./default.js" },
      "./types-only": { types: "./types.d.ts" },
      "./gone": "./gone.js",
    },
  }),
  "node_modules/both/esm.mjs": "",
  "node_modules/both/cjs.cjs": "",
  "node_modules/both/feature.js": "",
  "node_modules/both/sync.mjs": "",
  "node_modules/both/lib/x.js": "",
  "node_modules/both/lib/private/y.js": "",
  "node_modules/both/secret.js": "",
  "node_modules/@scope/pkg/package.json": packageJson({
    name: "@scope/pkg",
    main: "main",
    module: "module.mjs",
  }),
  "node_modules/@scope/pkg/main.js": "",
  "node_modules/@scope/pkg/module.mjs": "",
  "node_modules/@scope/pkg/sub/index.js": "",
  "node_modules/nested/index.js": "",
  "node_modules/nested/node_modules/both/index.js": "",
  "node_modules/single.js": "",
  "node_modules/events/index.js": "",
};

const resolver = new ModuleResolver(await packageFiles(files), "nodejs22.x", isBuiltin);

function resolve(specifier: string, kind: RequestKind, importer = "src/self.js"): string {
  const found = resolver.resolve(specifier, `/var/task/${importer}`, kind);
  if (found.kind === "file") return found.path.replace(/^\/var\/task\//, "");
  return found.kind === "builtin" ? found.name : found.code;
}

describe("ModuleResolver", () => {
  test.each([
    ["./a", "src/a.js"],
    ["./a.json", "src/a.json"],
    ["./dir", "src/dir.js"],
    ["./dir/", "src/dir/index.js"],
    ["./with main", "src/with main/lib/start.js"],
    ["./bad-main", "src/bad-main/index.json"],
    ["/var/task/src/a", "src/a.js"],
    ["./typed", "src/typed.ts"],
    ["./typed.js", "src/typed.ts"],
    ["./nope", "MODULE_NOT_FOUND"],
    ["../../../etc/passwd", "MODULE_NOT_FOUND"],
    ["both", "node_modules/both/cjs.cjs"],
    ["both/feature", "node_modules/both/feature.js"],
    ["both/sync", "node_modules/both/sync.mjs"],
    ["both/lib/x", "node_modules/both/lib/x.js"],
    ["both/lib/private/y", "ERR_PACKAGE_PATH_NOT_EXPORTED"],
    ["both/secret.js", "ERR_PACKAGE_PATH_NOT_EXPORTED"],
    ["both/types-only", "ERR_PACKAGE_PATH_NOT_EXPORTED"],
    ["both/gone", "MODULE_NOT_FOUND"],
    ["@scope/pkg", "node_modules/@scope/pkg/main.js"],
    ["@scope/pkg/sub", "node_modules/@scope/pkg/sub/index.js"],
    ["single", "node_modules/single.js"],
    ["events", "node:events"],
    ["events/", "node_modules/events/index.js"],
    ["fs/promises", "node:fs/promises"],
    ["node:unheard-of", "node:unheard-of"],
    ["app/self", "src/self.js"],
    ["#db", "src/db.js"],
    ["#fs", "node:fs"],
    ["#dep", "node_modules/both/cjs.cjs"],
    ["#loop", "ERR_PACKAGE_IMPORT_NOT_DEFINED"],
    ["#out", "ERR_PACKAGE_IMPORT_NOT_DEFINED"],
    ["#nope", "ERR_PACKAGE_IMPORT_NOT_DEFINED"],
    ["shared/util", "shared/util.js"],
    ["nope", "MODULE_NOT_FOUND"],
    ["", "MODULE_NOT_FOUND"],
  ])("require(%j) is %s", (specifier, expected) => {
    expect(resolve(specifier, "require")).toBe(expected);
  });

  test.each([
    ["./a.js", "src/a.js"],
    ["./a.js?version=1", "src/a.js"],
    ["./a", "ERR_MODULE_NOT_FOUND"],
    ["./dir", "ERR_MODULE_NOT_FOUND"],
    ["./with%20main/lib/start.js", "src/with main/lib/start.js"],
    ["file:///var/task/src/a.js", "src/a.js"],
    ["file:///etc/passwd", "ERR_MODULE_NOT_FOUND"],
    ["./%E0%A4%A", "ERR_MODULE_NOT_FOUND"],
    ["./typed.js", "src/typed.ts"],
    ["./typed.test.mjs", "src/typed.test.mts"],
    ["both", "node_modules/both/esm.mjs"],
    ["both/sync", "node_modules/both/sync.mjs"],
    ["@scope/pkg", "node_modules/@scope/pkg/main.js"],
    ["@scope/pkg/sub", "ERR_MODULE_NOT_FOUND"],
    ["@scope/pkg/sub/index.js", "node_modules/@scope/pkg/sub/index.js"],
    ["shared/util", "ERR_MODULE_NOT_FOUND"],
    ["https://example.com/a.js", "ERR_UNSUPPORTED_ESM_URL_SCHEME"],
    ["data:text/javascript,1", "ERR_UNSUPPORTED_ESM_URL_SCHEME"],
    ["nope", "ERR_MODULE_NOT_FOUND"],
  ])("import %j is %s", (specifier, expected) => {
    expect(resolve(specifier, "import")).toBe(expected);
  });

  test("the nearest node_modules wins, and TypeScript may leave extensions out", () => {
    expect(resolve("both", "require", "node_modules/nested/index.js")).toBe(
      "node_modules/nested/node_modules/both/index.js",
    );
    expect(resolve("./dir", "import", "src/typed.ts")).toBe("src/dir.js");
  });

  test("messages are Node's", () => {
    const message = (specifier: string, kind: RequestKind) => {
      const found = resolver.resolve(specifier, "/var/task/src/a.js", kind);
      return found.kind === "missing" ? found.message : undefined;
    };
    expect(message("@scope/gone/sub", "import")).toBe(
      "Cannot find package '@scope/gone' imported from /var/task/src/a.js",
    );
    expect(message("both/secret.js", "import")).toBe(
      `Package subpath './secret.js' is not defined by "exports" in /var/task/node_modules/both/package.json`,
    );
  });
});
