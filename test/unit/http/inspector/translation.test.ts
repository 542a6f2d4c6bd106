import { expect, test } from "vitest";
import { debuggersSourceMap } from "../../../../src/http/inspector/index.ts";
import { isCommand, Translation } from "../../../../src/http/inspector/translation.ts";
import { bundleFilename } from "../../../../src/model/guest-files.ts";

const event = (method: string, params: object) => JSON.stringify({ method, params });
const command = (method: string, params?: object) => JSON.stringify({ id: 7, method, params });

test("the function's context is the one that counts, and the only one", () => {
  const translation = new Translation("greet", "data:,");
  const evaluate = command("Runtime.evaluate", { expression: "1" });
  expect(translation.toIsolate(evaluate)).toEqual([evaluate]);
  const created = (context: object) =>
    translation.toDebugger(event("Runtime.executionContextCreated", { context }));
  expect(created({ id: 2, name: "default" })).toBeUndefined();
  expect(JSON.parse(created({ id: 5, name: "<isolated-vm>" }) ?? "")).toMatchObject({
    params: { context: { id: 5, name: "greet", auxData: { isDefault: true } } },
  });
  const [told = ""] = translation.toIsolate(evaluate);
  expect(JSON.parse(told)).toEqual({
    id: 7,
    method: "Runtime.evaluate",
    params: { expression: "1", contextId: 5 },
  });
  const inAnother = command("Runtime.evaluate", { expression: "1", contextId: 9 });
  expect(translation.toIsolate(inAnother)).toEqual([inAnother]);
});

test("the bundle alone is given the source map", () => {
  const translation = new Translation("greet", "data:map");
  const parsed = (url: string) =>
    JSON.parse(
      translation.toDebugger(event("Debugger.scriptParsed", { url, sourceMapURL: bundleFilename })) ?? "",
    );
  expect(parsed(bundleFilename).params.sourceMapURL).toBe("data:map");
  expect(parsed("/var/task/other.js").params.sourceMapURL).toBe(bundleFilename);
});

test("code of ours is stepped over, whatever the debugger skips, and it hears nothing of that", () => {
  const translation = new Translation("greet", "data:,");
  const [enable, ours = ""] = translation.toIsolate(command("Debugger.enable"));
  expect(enable).toBe(command("Debugger.enable"));
  const { id, params } = JSON.parse(ours);
  expect(new RegExp(params.patterns[0]).test("brisk:base")).toBe(true);
  expect(translation.toDebugger(`{"id":${id},"result":{}}`)).toBeUndefined();
  const [told = ""] = translation.toIsolate(command("Debugger.setBlackboxPatterns", { patterns: ["x"] }));
  expect(JSON.parse(told).params.patterns).toEqual(["x", ...params.patterns]);
});

test("a console's message comes from the function's own line", () => {
  const translation = new Translation("greet", "data:,");
  const callFrames = [{ url: "brisk:base" }, { url: bundleFilename, lineNumber: 3 }, { url: "brisk:base" }];
  const told = translation.toDebugger(event("Runtime.consoleAPICalled", { stackTrace: { callFrames } }));
  expect(JSON.parse(told ?? "").params.stackTrace.callFrames).toEqual(callFrames.slice(1));
  const early = event("Runtime.consoleAPICalled", { stackTrace: { callFrames: callFrames.slice(0, 1) } });
  expect(JSON.parse(translation.toDebugger(early) ?? "").params).toEqual({});
});

test("what a host made up ends nothing", () => {
  const translation = new Translation("greet", "data:,");
  for (const params of ["null", "1", "{}", '{"context":null}', '{"context":1}', '{"stackTrace":null}', ""]) {
    for (const method of [
      "Runtime.executionContextCreated",
      "Debugger.scriptParsed",
      "Runtime.consoleAPICalled",
    ]) {
      const text = `{"method":"${method}","params":${params}${bundleFilename}`;
      expect(translation.toDebugger(text)).toBeUndefined();
      expect(() => translation.toDebugger(`{"method":"${method}","params":${params}}`)).not.toThrow();
    }
  }
});

test.each([
  "",
  "null",
  "[]",
  "{}",
  '{"id":1}',
  '{"id":"1","method":"a"}',
  '{"id":-1,"method":"a"}',
  '{"id":1.5,"method":"a"}',
  '{"id":2147483646,"method":"a"}',
  '{"id":1,"method":2}',
  '{"id":1,"method":"a","params":null}',
  '{"id":1,"method":"a","params":"b"}',
])("%s is no command", (text) => {
  expect(isCommand(text)).toBe(false);
});

test("debuggersSourceMap() leads to the files of this machine, and to none outside of the function's folder", () => {
  const section = (sources: (string | null)[]) => ({
    offset: { line: 0, column: 0 },
    map: { version: 3, sources, names: [], mappings: "" },
  });
  const sources = [
    "/var/task/src/a.ts",
    "/var/task/../secret.ts",
    "/var/task/../home-of-another/b.ts",
    "brisk:entry",
    null,
  ];
  const url = debuggersSourceMap(
    JSON.stringify({ version: 3, sections: [section(sources), section(["/var/task/gone.ts"])] }),
    "/home",
    (file) => (file.endsWith("gone.ts") ? undefined : `text of ${file}`),
  );
  const map = JSON.parse(Buffer.from(url.split(",")[1] ?? "", "base64").toString("utf8"));
  expect(map.sections[0].map.sources).toEqual(["file:///home/src/a.ts", ...sources.slice(1)]);
  expect(map.sections[0].map.sourcesContent).toEqual(["text of /home/src/a.ts", null, null, null, null]);
  expect(map.sections[1].map).toMatchObject({ sources: ["file:///home/gone.ts"], sourcesContent: [null] });
});
