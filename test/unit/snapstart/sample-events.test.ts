import { expect, test } from "vitest";
import { chooseSampleEvents } from "../../../src/snapstart/sample-events.ts";
import { versionSpec } from "../fleet/version-spec.ts";

const nothing = { latestEvents: [], hasUrl: false, atMs: Date.UTC(2026, 0, 2, 3, 4, 5) };
const unset = versionSpec({ warmUpEvents: undefined });

test("the function's own sample events go first, even when they are none", () => {
  const known = { ...nothing, latestEvents: ["1"], hasUrl: true };
  for (const events of [['{"own":1}'], []]) {
    expect(chooseSampleEvents(versionSpec({ warmUpEvents: events }), known)).toEqual({
      events,
      source: "configuration",
    });
  }
});

test("then what $LATEST was invoked with, then a request if there is a URL, and else none", () => {
  expect(chooseSampleEvents(unset, { ...nothing, latestEvents: ["1", "2"], hasUrl: true })).toEqual({
    events: ["1", "2"],
    source: "$LATEST",
  });
  expect(chooseSampleEvents(unset, { ...nothing, hasUrl: true }).source).toBe("synthetic");
  expect(chooseSampleEvents(unset, nothing)).toEqual({ events: [], source: "none" });
});

test("the request that nobody sent has the shape of payload format 2.0", () => {
  const [event, ...others] = chooseSampleEvents(unset, { ...nothing, hasUrl: true }).events;
  expect(others).toEqual([]);
  expect(JSON.parse(event!)).toMatchObject({
    version: "2.0",
    routeKey: "$default",
    rawPath: "/",
    rawQueryString: "",
    isBase64Encoded: false,
    requestContext: {
      http: { method: "GET", path: "/", protocol: "HTTP/1.1" },
      stage: "$default",
      // As Lambda writes it (spec: function-urls.md).
      time: "02/Jan/2026:03:04:05 +0000",
      timeEpoch: nothing.atMs,
    },
  });
});
