import { afterEach, beforeEach, expect } from "vitest";
import { arn, type LambdaApiUnderTest, serveLambdaApi } from "../../e2e/lambda-api/serve-lambda-api.ts";
import { describeRows } from "./describe-rows.ts";
import { send } from "./wire.ts";

let api: LambdaApiUnderTest;
beforeEach(async () => {
  api = await serveLambdaApi();
  await api.createActive();
});
afterEach(() => api.close());

const call = (method: string, path: string, body?: unknown) => send(api.origin, method, path, body);
const publish = () => call("POST", "/2015-03-31/functions/hello/versions", {});
const eventInvoke = "/2019-09-25/functions/hello/event-invoke-config";
const provisioned = "/2019-09-30/functions/hello/provisioned-concurrency";
const provision = (qualifier: string) =>
  call("PUT", `${provisioned}?Qualifier=${qualifier}`, { ProvisionedConcurrentExecutions: 1 });

describeRows("async", {
  "event invoke config": async () => {
    const before = Math.floor(Date.now() / 1000);
    const { status, json } = await call("PUT", eventInvoke, { MaximumRetryAttempts: 1 });
    expect(status).toBe(200);
    expect(json).toEqual({
      LastModified: expect.any(Number),
      FunctionArn: `${arn}:$LATEST`,
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnSuccess: {}, OnFailure: {} },
    });
    expect(Math.floor(Number(json["LastModified"]))).toBeGreaterThanOrEqual(before);
    expect(Number(json["LastModified"])).toBeLessThanOrEqual(Date.now() / 1000 + 1);
  },
  "event invoke config, published": async () => {
    await call("PUT", eventInvoke, { MaximumRetryAttempts: 1 });
    await publish();
    expect(await call("GET", `${eventInvoke}?Qualifier=1`)).toMatchObject({
      status: 404,
      json: { Type: "User", Message: `The function ${arn}:1 doesn't have an EventInvokeConfig` },
    });
  },
  "recursion config": async () => {
    const path = "/2024-08-31/functions/hello/recursion-config";
    expect(await call("PUT", path, { RecursiveLoop: "Sometimes" })).toMatchObject({
      status: 400,
      json: {
        message:
          "1 validation error detected: Value 'Sometimes' at 'recursiveLoop' failed to satisfy constraint: Member must satisfy enum value set: [Terminate, Allow]",
      },
    });
  },
});

describeRows("scaling", {
  "reserved, unset": async () => {
    const answer = await call("GET", "/2019-09-30/functions/hello/concurrency");
    expect(answer).toMatchObject({ status: 200, text: "{}" });
  },
  "provisioned target": async () => {
    await publish();
    await call("POST", "/2015-03-31/functions/hello/aliases", { Name: "live", FunctionVersion: "1" });
    expect(await provision("$LATEST")).toMatchObject({
      status: 400,
      json: {
        message: "Provisioned Concurrency Configs cannot be applied to unpublished function versions.",
      },
    });
    expect((await provision("live")).status).toBe(202);
    expect(await provision("1")).toMatchObject({
      status: 409,
      json: { Type: "User", message: "Version is pointed by a Provisioned Concurrency alias" },
    });
    await call("DELETE", `${provisioned}?Qualifier=live`);
    expect((await provision("1")).status).toBe(202);
    expect(await provision("live")).toMatchObject({
      status: 409,
      json: {
        message:
          "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version",
      },
    });
  },
  "provisioned reply": async () => {
    await publish();
    const { status, json } = await provision("1");
    expect(status).toBe(202);
    expect(json).toEqual({
      RequestedProvisionedConcurrentExecutions: 1,
      AvailableProvisionedConcurrentExecutions: 0,
      AllocatedProvisionedConcurrentExecutions: 0,
      Status: "IN_PROGRESS",
      LastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?\+0000$/),
    });
  },
  "provisioned failure": async () => {
    await publish();
    await provision("1");
    expect(await call("GET", `${provisioned}?Qualifier=1`)).toMatchObject({
      json: { Status: "FAILED", StatusReason: "FUNCTION_ERROR_INIT_FAILURE" },
    });
  },
});
