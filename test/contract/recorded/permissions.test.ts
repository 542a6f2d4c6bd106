import { PublishVersionCommand } from "@aws-sdk/client-lambda";
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

const at = "/2015-03-31/functions/hello/policy";
const grant = { StatementId: "s", Action: "lambda:InvokeFunction", Principal: "*" };
const add = (more: object = {}, query = "") => send(api.origin, "POST", at + query, { ...grant, ...more });
const policy = (query = "") => send(api.origin, "GET", at + query);
/** The statement's text as AddPermission replies it, after it was seen in the policy too. */
async function statement(more: object = {}, query = "") {
  const added = await add(more, query);
  expect(added.status).toBe(201);
  const text = String(added.json["Statement"]);
  expect((await policy(query)).json["Policy"]).toContain(text);
  return JSON.parse(text) as Record<string, unknown>;
}

describeRows("permissions", {
  "policy document": async () => {
    await add();
    const { json } = await policy();
    expect(Object.keys(json)).toEqual(["Policy", "RevisionId"]);
    expect(json["Policy"]).toBe(
      `{"Version":"2012-10-17","Id":"default","Statement":[{"Sid":"s","Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunction","Resource":"${arn}"}]}`,
    );
  },
  "statement order": async () => {
    const { text } = await add({ SourceAccount: "000000000000" });
    expect(Object.keys(JSON.parse(JSON.parse(text).Statement))).toEqual([
      "Sid",
      "Effect",
      "Principal",
      "Action",
      "Resource",
      "Condition",
    ]);
  },
  "principal *": async () => {
    expect(await statement()).toMatchObject({ Principal: "*" });
  },
  "principal of a service": async () => {
    expect(await statement({ Principal: "s3.amazonaws.com" })).toMatchObject({
      Principal: { Service: "s3.amazonaws.com" },
    });
  },
  "principal of an account": async () => {
    expect(await statement({ Principal: "123456789012" })).toMatchObject({
      Principal: { AWS: "arn:aws:iam::123456789012:root" },
    });
  },
  "principal by ARN": async () => {
    const Principal = "arn:aws:iam::123456789012:role/caller";
    expect(await statement({ Principal })).toMatchObject({ Principal: { AWS: Principal } });
  },
  SourceArn: async () => {
    const SourceArn = "arn:aws:s3:::bucket";
    expect((await statement({ Principal: "s3.amazonaws.com", SourceArn }))["Condition"]).toEqual({
      ArnLike: { "AWS:SourceArn": SourceArn },
    });
  },
  SourceAccount: async () => {
    expect((await statement({ SourceAccount: "123456789012" }))["Condition"]).toEqual({
      StringEquals: { "AWS:SourceAccount": "123456789012" },
    });
  },
  PrincipalOrgID: async () => {
    expect((await statement({ PrincipalOrgID: "o-1234567890" }))["Condition"]).toEqual({
      StringEquals: { "aws:PrincipalOrgID": "o-1234567890" },
    });
  },
  FunctionUrlAuthType: async () => {
    const more = { Action: "lambda:InvokeFunctionUrl", FunctionUrlAuthType: "NONE" };
    expect((await statement(more))["Condition"]).toEqual({
      StringEquals: { "lambda:FunctionUrlAuthType": "NONE" },
    });
  },
  EventSourceToken: async () => {
    const more = { Principal: "alexa-appkit.amazon.com", EventSourceToken: "amzn1.token" };
    expect((await statement(more))["Condition"]).toEqual({
      StringEquals: { "lambda:EventSourceToken": "amzn1.token" },
    });
  },
  resource: async () => {
    await api.client.send(new PublishVersionCommand({ FunctionName: "hello" }));
    await send(api.origin, "POST", "/2015-03-31/functions/hello/aliases", {
      Name: "live",
      FunctionVersion: "1",
    });
    expect(await statement()).toMatchObject({ Resource: arn });
    expect(await statement({}, "?Qualifier=1")).toMatchObject({ Resource: `${arn}:1` });
    expect(await statement({}, "?Qualifier=live")).toMatchObject({ Resource: `${arn}:live` });
    const refused = await add({ StatementId: "t" }, "?Qualifier=$LATEST");
    expect(refused.status).toBe(400);
    expect(refused.headers.get("x-amzn-errortype")).toBe("InvalidParameterValueException");
    expect(refused.json).toEqual({
      Type: "User",
      message: "We currently do not support adding policies for $LATEST.",
    });
  },
  "per qualifier": async () => {
    await api.client.send(new PublishVersionCommand({ FunctionName: "hello" }));
    await add({ StatementId: "a" });
    await add({ StatementId: "b" }, "?Qualifier=1");
    const [whole, version] = [await policy(), await policy("?Qualifier=1")];
    expect(whole.json["Policy"]).not.toContain('"Sid":"b"');
    expect(version.json["Policy"]).not.toContain('"Sid":"a"');
    expect(whole.json["RevisionId"]).not.toBe(version.json["RevisionId"]);
  },
  published: async () => {
    await add();
    await api.client.send(new PublishVersionCommand({ FunctionName: "hello" }));
    const answer = await policy("?Qualifier=1");
    expect(answer.status).toBe(404);
    expect(answer.json).toEqual({ Type: "User", Message: "The resource you requested does not exist." });
  },
  "layer of another account": async () => {
    const layer = "arn:aws:lambda:us-east-1:123456789012:layer:theirs:1";
    const answer = await send(api.origin, "PUT", "/2015-03-31/functions/hello/configuration", {
      Layers: [layer],
    });
    expect(answer.status).toBe(403);
    expect(answer.headers.get("x-amzn-errortype")).toBe("AccessDeniedException");
    expect(answer.json["Message"]).toMatch(
      /^User: arn:aws:iam::000000000000:\S+ is not authorized to perform: lambda:GetLayerVersion on resource: arn:aws:lambda:us-east-1:123456789012:layer:theirs:1 because no resource-based policy allows the lambda:GetLayerVersion action$/,
    );
  },
});
