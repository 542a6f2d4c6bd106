import { describe, expect, it } from "vitest";
import { nodeGroupOf } from "../../conformance/groups.ts";
import { parseMeta } from "../../conformance/meta.ts";
import { isWanted, readOptions } from "../../conformance/options.ts";

describe("parseMeta()", () => {
  it("reads scripts, variants and the title", () => {
    const text = [
      "// META: title=A test",
      "// META: script=/common/subset-tests.js",
      "// META: script=resources/helper.js ",
      "// META: variant=?1-10",
      "// META: variant=?11-last",
      "// META: global=window,worker",
      "test(() => {}, '// META is said here');",
    ].join("\n");
    expect(parseMeta(text)).toEqual({
      title: "A test",
      scripts: ["/common/subset-tests.js", "resources/helper.js"],
      variants: ["?1-10", "?11-last"],
    });
    expect(parseMeta("test();")).toEqual({ title: undefined, scripts: [], variants: [""] });
  });
});

describe("nodeGroupOf()", () => {
  it.each([
    ["test-fs-read.js", "fs"],
    ["test-os.js", "os"],
    ["test-urlpattern.js", "web"],
    ["test-url-parse-query.js", "url"],
    ["test-whatwg-url-properties.js", "url"],
    ["test-whatwg-readablestream.mjs", "webstreams"],
    ["test-eventtarget.js", "web"],
    ["test-event-emitter-once.js", "events"],
    ["test-stream2-basic.js", "stream"],
    ["test-http-agent.js", undefined],
  ])("%s is of %s", (name, group) => expect(nodeGroupOf(name)).toBe(group));
});

describe("isWanted()", () => {
  const test = { suite: "wpt", group: "url", id: "url/url-origin.any.js" };
  const groups = new Set(["wpt", "node", "url", "wpt/url", "node/url", "stream"]);
  it.each([
    [[], true],
    [["url"], true],
    [["wpt/url"], true],
    [["node/url"], false],
    [["node"], false],
    [["stream", "url-origin"], true],
    [["url-setters"], false],
  ])("%j: %s", (filters, wanted) => expect(isWanted(test, filters, groups)).toBe(wanted));
});

describe("readOptions()", () => {
  it("says what is missing or no such folder", () => {
    expect(() => readOptions([], {})).toThrow("--node or --wpt must say where the tests are");
    expect(() => readOptions(["--wpt", import.meta.dirname], {})).toThrow(
      "is not a checkout of web-platform-tests: it has no resources/testharness.js",
    );
    expect(() => readOptions(["--node", import.meta.dirname], {})).toThrow("it has no parallel");
  });
});
