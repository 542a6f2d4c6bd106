import { expect, test } from "vitest";
import { answerJson, FakeApi, inTurn, refuse } from "./fake-api.ts";
import { runCli } from "./run-cli.ts";

const hello = {
  FunctionName: "hello",
  FunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:hello",
  Runtime: "nodejs22.x",
  Handler: "index.handler",
  MemorySize: 128,
  Timeout: 3,
  State: "Active",
  LastModified: "2026-11-20T12:00:00.000+0000",
};
const listing = "GET /2015-03-31/functions/";

test("ls reads every page", async () => {
  await using api = await FakeApi.start({
    [listing]: inTurn(
      answerJson({ Functions: [hello], NextMarker: "m1" }),
      answerJson({ Functions: [{ ...hello, FunctionName: "a-longer-name" }], NextMarker: null }),
    ),
  });
  const { exitCode, stdout } = await runCli(["ls"], api);
  expect(exitCode).toBe(0);
  expect(stdout).toBe(
    "NAME           RUNTIME     HANDLER        MEMORY  TIMEOUT  STATE   MODIFIED\n" +
      "hello          nodejs22.x  index.handler  128 MB  3 s      Active  2026-11-20 12:00:00\n" +
      "a-longer-name  nodejs22.x  index.handler  128 MB  3 s      Active  2026-11-20 12:00:00\n",
  );
  expect(api.calls[1]?.query.get("Marker")).toBe("m1");
});

test("ls asks for each function's state, which Lambda's list leaves out", async () => {
  const { State: _, ...listed } = hello;
  await using api = await FakeApi.start({
    [listing]: answerJson({ Functions: [listed] }),
    "GET /2015-03-31/functions/hello/configuration": answerJson({ ...hello, State: "Failed" }),
  });
  expect((await runCli(["ls"], api)).stdout).toContain("3 s      Failed  2026");
});

test("ls without functions keeps stdout empty, and is [] as JSON", async () => {
  await using api = await FakeApi.start({ [listing]: answerJson({ Functions: [] }) });
  expect(await runCli(["ls"], api)).toMatchObject({
    stdout: "",
    stderr: expect.stringContaining("brisk deploy"),
  });
  expect((await runCli(["ls", "--json"], api)).stdout).toBe("[]\n");
});

test("rm deletes, and stops at the first that it cannot", async () => {
  await using api = await FakeApi.start({
    "DELETE /2015-03-31/functions/hello": (_, response) => response.writeHead(204).end(),
    [listing]: answerJson({ Functions: [hello] }),
  });
  const result = await runCli(["rm", "hello", "hullo", "other", "--json"], api);
  expect(result.exitCode).toBe(1);
  expect(JSON.parse(result.stdout)).toEqual({ deleted: ["hello"] });
  expect(result.stderr).toBe(
    'Deleted hello\nerror: cannot delete "hullo": no function is called "hullo" (did you mean hello?)\n',
  );
});

const urlPath = "/2021-10-31/functions/hello/url";
const urlConfig = { FunctionUrl: "http://abc.lambda-url.us-east-1.localhost:9000/", AuthType: "NONE" };

test("url prints the URL alone", async () => {
  await using api = await FakeApi.start({ [`GET ${urlPath}`]: answerJson(urlConfig) });
  expect(await runCli(["url", "hello"], api)).toEqual({
    exitCode: 0,
    stdout: `${urlConfig.FunctionUrl}\n`,
    stderr: "",
  });
});

test("url of a function that has none says how to make one, and --create makes it public", async () => {
  await using api = await FakeApi.start({
    "GET /2015-03-31/functions/hello/configuration": answerJson(hello),
    [`POST ${urlPath}`]: answerJson(urlConfig, 201),
    "POST /2015-03-31/functions/hello/policy": inTurn(
      answerJson({ Statement: "{}" }, 201),
      refuse(409, "ResourceConflictException", "The statement id exists"),
    ),
  });
  expect(await runCli(["url", "hello"], api)).toMatchObject({
    exitCode: 1,
    stderr: 'error: function "hello" has no URL (brisk url hello --create makes one)\n',
  });
  expect((await runCli(["url", "hello", "--create"], api)).stdout).toBe(`${urlConfig.FunctionUrl}\n`);
  expect(api.callsTo("POST /2015-03-31/functions/hello/policy")).toHaveLength(2);
});
