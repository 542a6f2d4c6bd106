import { expect, test } from "vitest";
import { failedSnapshot, readySnapshot } from "../../fake-snap-start.ts";
import { restoredStart, slowStart } from "../../fake-starts.ts";
import { answerJson, FakeApi, refuse } from "./fake-api.ts";
import { runCli } from "./run-cli.ts";

const configurationOf = "GET /2015-03-31/functions/hello/configuration";
const startsOf = "GET /_brisk/functions/hello/starts";
const snapshotOf = "GET /_brisk/functions/hello/snapshot";
const missing = refuse(404, "ResourceNotFoundException", "Function not found: arn");
const configuration = {
  FunctionName: "hello",
  FunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:hello:3",
  Runtime: "nodejs22.x",
  Handler: "index.handler",
  MemorySize: 128,
  Timeout: 3,
  State: "Active",
  LastUpdateStatus: "Successful",
  SnapStart: { ApplyOn: "PublishedVersions", OptimizationStatus: "On" },
};
const starts = {
  version: "3",
  wanted: "snapshot",
  environments: { idle: 2, busy: 1, starting: 0 },
  starts: [restoredStart, { ...slowStart, isAhead: true }],
};

test("inspect shows the state, the environments, and each start with its phases and why it was no better", async () => {
  await using api = await FakeApi.start({
    [configurationOf]: answerJson(configuration),
    [startsOf]: answerJson(starts),
  });
  const { exitCode, stdout, stderr } = await runCli(["inspect", "hello:live"], api);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toBe(
    `Function       hello, version 3
Configuration  nodejs22.x, index.handler, 128 MB, 3 s
State          Active
SnapStart      ApplyOn PublishedVersions, OptimizationStatus On
Starts by      snapshot
Last start     snapshot
Environments   2 idle, 1 busy, 0 starting

STARTED              BY        MS    ISOLATE  CONTEXT  BIND  RESTORE  COMPILE  LOAD  MEMORY   NOTE
2026-11-21 12:30:00  snapshot  5.2   2.1      1.4      0.3   0.9      -        -     9.2 MiB
2026-11-21 12:29:59  init      84.3  0.7      0.2      0.3   -        20.0     61.5  8.0 MiB  ahead of need; the snapshot is being made
`,
  );
  expect(api.callsTo(startsOf)[0]?.query.get("qualifier")).toBe("live");
  expect(api.callsTo(configurationOf)[0]?.query.get("Qualifier")).toBe("live");
});

test("inspect shows where the requests to an alias with weights go", async () => {
  const alias = {
    Name: "live",
    FunctionVersion: "3",
    RoutingConfig: { AdditionalVersionWeights: { "4": 0.25 } },
  };
  await using api = await FakeApi.start({
    [configurationOf]: answerJson(configuration),
    [startsOf]: answerJson(starts),
    "GET /2015-03-31/functions/hello/aliases/live": answerJson(alias),
  });
  const { stdout } = await runCli(["inspect", "hello:live"], api);
  expect(stdout).toMatch(
    /^Function {7}hello, version 3\nRequests {7}75% to version 3, 25% to version 4\nConfiguration/,
  );
  const json = await runCli(["inspect", "hello:live", "--json"], api);
  expect(JSON.parse(json.stdout)).toEqual({ configuration, alias, ...starts });
  api.calls.length = 0;
  for (const qualifier of ["3", "$LATEST"]) await runCli(["inspect", `hello:${qualifier}`], api);
  expect(api.calls.filter(({ line }) => line.includes("/aliases/"))).toEqual([]);
});

test("inspect says why a version starts by init, and shows ten starts at most", async () => {
  const StateReason = "There is no snapshot, so it starts by init: init threw";
  await using api = await FakeApi.start({
    [configurationOf]: answerJson({ ...configuration, StateReason, LastUpdateStatus: "InProgress" }),
    [startsOf]: answerJson({ ...starts, starts: Array(12).fill(slowStart) }),
  });
  const { stdout } = await runCli(["inspect", "hello"], api);
  expect(stdout).toContain("State          Active, last update InProgress\n");
  expect(stdout).toContain(`Reason         ${StateReason}\n`);
  expect(stdout).toContain("Last start     init, since the snapshot is being made\n");
  expect(stdout.match(/^2026-11-21/gm)).toHaveLength(10);
  expect(stdout).toMatch(/\n… and 2 before these \(--json has them all\)\n$/);
});

test("inspect of a function that never ran says so, and as JSON has all that the server told", async () => {
  const never = { version: "$LATEST", starts: [] };
  await using api = await FakeApi.start({
    [configurationOf]: answerJson(configuration),
    [startsOf]: answerJson(never),
  });
  expect((await runCli(["inspect", "hello"], api)).stdout).toMatch(
    /\n\nNo environment of it has started yet\.\n$/,
  );
  const { stdout } = await runCli(["inspect", "hello", "--json"], api);
  expect(JSON.parse(stdout)).toEqual({ configuration, ...never });
});

test("what is not there is said: the function, with the name that was meant, or its version", async () => {
  await using api = await FakeApi.start({
    [startsOf]: missing,
    [snapshotOf]: missing,
    [configurationOf]: (call, response) =>
      (call.query.has("Qualifier") ? missing : answerJson(configuration))(call, response),
    "GET /2015-03-31/functions/": answerJson({ Functions: [configuration] }),
  });
  expect(await runCli(["inspect", "hello:7"], api)).toEqual({
    exitCode: 1,
    stdout: "",
    stderr: 'error: cannot inspect "hello:7": it has no version or alias "7"\n',
  });
  expect((await runCli(["snapshot", "helo:7"], api)).stderr).toBe(
    'error: cannot show the snapshot of "helo:7": no function is called "helo" (did you mean hello?)\n',
  );
});

test("an ARN names a version as well", async () => {
  const arn = "arn:aws:lambda:us-east-1:000000000000:function:hello";
  const path = `/_brisk/functions/${encodeURIComponent(arn)}/snapshot`;
  await using api = await FakeApi.start({ [`GET ${path}`]: answerJson({ version: "3", ...readySnapshot }) });
  expect((await runCli(["snapshot", `${arn}:3`, "--json"], api)).exitCode).toBe(0);
  expect(api.callsTo(`GET ${path}`)[0]?.query.get("qualifier")).toBe("3");
});

test("snapshot tells what init did and what the heap holds", async () => {
  await using api = await FakeApi.start({ [snapshotOf]: answerJson({ version: "3", ...readySnapshot }) });
  const { exitCode, stdout, stderr } = await runCli(["snapshot", "hello:3"], api);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toBe(
    `hello:3 starts from a snapshot
Heap          4.2 MiB, V8 14.6, sha256 abababababababab
Made          2026-11-21 12:00:00 in 453 ms (record 80 ms, freeze 320 ms, verify 40 ms, store 13 ms)
Clock         init read it 2 times
Randomness    init drew none
Requests      GET https://config.example/
Node modules  node:crypto
Warm-up       configuration: answered
Priming       no

OPERATION OF INIT  CALLS
crypto.hash        3
fetch.send         1

LARGEST MODULES            SIZE
node_modules/zod/index.js  244.1 KiB
`,
  );
  const json = JSON.parse((await runCli(["snapshot", "hello:3", "--json"], api)).stdout);
  expect(json).toEqual({ version: "3", ...readySnapshot });
});

test("snapshot warns of randomness that every environment shares", async () => {
  const report = { ...readySnapshot.report, randomReads: 1, warmUps: [], fetches: [], isPrimed: true };
  await using api = await FakeApi.start({
    [snapshotOf]: answerJson({ version: "3", kind: "ready", report }),
  });
  const { stdout, stderr } = await runCli(["snapshot", "hello:3"], api);
  expect(stdout).toContain("Randomness    init drew some once\n");
  expect(stdout).toContain("Warm-up       none\n");
  expect(stdout).toContain("Priming       yes");
  expect(stderr).toMatch(/^note: init drew randomness, .* the same in every environment/);
});

test.each([
  [
    { kind: "none" },
    /^hello:3 has no snapshot: none was asked for, or the server/,
    /brisk deploy .* --snapstart/,
  ],
  [
    { kind: "building", step: "verify" },
    /^hello:3 has no snapshot yet: it is being made \(verify\)\n$/,
    /^$/,
  ],
  [
    failedSnapshot(),
    /^hello:3 has no snapshot, so it starts by init\nStep {4}freeze\nCode {4}NotDeterministic\nReason {2}Init asked for fetch.send .*index\.mjs:3\)\n$/,
    /^Init has to ask for the same/,
  ],
])("snapshot says why there is none: %o", async (state, stdout, stderr) => {
  await using api = await FakeApi.start({ [snapshotOf]: answerJson({ version: "3", ...state }) });
  const result = await runCli(["snapshot", "hello:3"], api);
  expect(result.exitCode).toBe(0);
  expect(result.stdout).toMatch(stdout);
  expect(result.stderr).toMatch(stderr);
});
