import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect } from "vitest";
import {
  arn,
  definition,
  type LambdaApiUnderTest,
  role,
  serveLambdaApi,
} from "../../e2e/lambda-api/serve-lambda-api.ts";
import { describeRows } from "./describe-rows.ts";
import { send } from "./wire.ts";

let api: LambdaApiUnderTest;
beforeEach(async () => {
  api = await serveLambdaApi();
  await api.createActive();
});
afterEach(() => api.close());

const functions = "/2015-03-31/functions";
const layers = "/2018-10-31/layers/tools/versions";
const layerArn = "arn:aws:lambda:us-east-1:000000000000:layer:tools";
const base64 = (text: string) => Buffer.from(text).toString("base64");
const call = (method: string, path: string, body?: unknown) => send(api.origin, method, path, body);
const publish = (body: object = {}) => call("POST", `${functions}/hello/versions`, body);
const changeDescription = async (Description: string) => {
  await call("PUT", `${functions}/hello/configuration`, { Description });
  await api.settled();
};
const publishLayer = (text: string, more: object = {}) =>
  call("POST", layers, { Content: { ZipFile: base64(text) }, ...more });
const configure = (body: object) => call("PUT", `${functions}/hello/configuration`, body);
const refused = { status: 400, json: { Type: "User" } };

describeRows("layers-versions-aliases", {
  numbering: async () => {
    const published = async () => (await publish()).json["Version"];
    expect(await published()).toBe("1");
    await changeDescription("a");
    expect(await published()).toBe("2");
    await call("DELETE", `${functions}/hello?Qualifier=2`);
    await changeDescription("b");
    expect(await published()).toBe("3");
    await call("DELETE", `${functions}/hello`);
    await api.createActive();
    expect(await published()).toBe("1");
  },
  "nothing changed": async () => {
    await publish();
    await changeDescription("a");
    const second = await publish();
    const third = await publish({ Description: "of the call alone" });
    expect(third.status).toBe(201);
    expect(third.json).toEqual(second.json);
    expect(third.json["Version"]).toBe("2");
  },
  CodeSha256: async () => {
    const actual = createHash("sha256").update("zip one").digest("base64");
    expect(await publish({ CodeSha256: "other" })).toMatchObject({
      status: 400,
      json: {
        Type: "User",
        message: `CodeSHA256 (other) is different from current CodeSHA256 in $LATEST (${actual}). Please try again with the CodeSHA256 in $LATEST.`,
      },
    });
  },
  RevisionId: async () => {
    expect(await publish({ RevisionId: "other" })).toMatchObject({
      status: 412,
      json: {
        Type: "User",
        message:
          "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
      },
    });
  },
  "CreateFunction with Publish": async () => {
    const created = await call("POST", functions, {
      ...definition({ FunctionName: "other" }),
      Role: role,
      Code: { ZipFile: base64("zip two") },
      Publish: true,
    });
    expect(created).toMatchObject({
      status: 201,
      json: { Version: "1", FunctionArn: arn.replace("hello", "other"), State: "Pending" },
    });
    const listed = await call("GET", `${functions}/other/versions`);
    const versions = listed.json["Versions"] as { Version: string }[];
    expect(versions.map(({ Version }) => Version)).toEqual(["$LATEST", "1"]);
    await api.settled("other");
  },
  "UpdateFunctionCode with Publish": async () => {
    const updated = await call("PUT", `${functions}/hello/code`, {
      ZipFile: base64("zip two"),
      Publish: true,
    });
    expect(updated).toMatchObject({
      status: 200,
      json: { Version: "1", FunctionArn: `${arn}:1`, State: "Pending", StateReasonCode: "Creating" },
    });
    await api.settled("hello", "1");
  },
  "delete $LATEST": async () => {
    expect(await call("DELETE", `${functions}/hello?Qualifier=$LATEST`)).toMatchObject({
      status: 400,
      json: {
        Type: "User",
        message: "$LATEST version cannot be deleted without deleting the function.",
      },
    });
  },
  "alias shape": async () => {
    const { json } = await call("POST", `${functions}/hello/aliases`, {
      Name: "live",
      FunctionVersion: "$LATEST",
    });
    expect(json).toEqual({
      AliasArn: `${arn}:live`,
      Name: "live",
      FunctionVersion: "$LATEST",
      Description: "",
      RevisionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(Object.keys(json)).toEqual(["AliasArn", "Name", "FunctionVersion", "Description", "RevisionId"]);
  },
  "alias without weights": async () => {
    await publish();
    await changeDescription("a");
    await publish();
    const made = await call("POST", `${functions}/hello/aliases`, {
      Name: "live",
      FunctionVersion: "1",
      RoutingConfig: { AdditionalVersionWeights: { 2: 0.5 } },
    });
    expect(made.json["RoutingConfig"]).toEqual({ AdditionalVersionWeights: { 2: 0.5 } });
    const emptied = await call("PUT", `${functions}/hello/aliases/live`, {
      RoutingConfig: { AdditionalVersionWeights: {} },
    });
    expect(emptied.json).not.toHaveProperty("RoutingConfig");
    const listed = await call("GET", `${functions}/hello/aliases`);
    expect(listed.json["Aliases"]).toEqual([
      expect.not.objectContaining({ RoutingConfig: expect.anything() }),
    ]);
  },
  "alias with its own version": async () => {
    await publish();
    expect(
      await call("POST", `${functions}/hello/aliases`, {
        Name: "live",
        FunctionVersion: "1",
        RoutingConfig: { AdditionalVersionWeights: { 1: 0.5 } },
      }),
    ).toMatchObject({
      status: 400,
      json: {
        Type: "User",
        message:
          "Invalid function version 1. Function version 1 is already included in routing configuration.",
      },
    });
  },
  "layers listed": async () => {
    for (const text of ["one", "two", "three"]) await publishLayer(text);
    const { json } = await call("GET", layers);
    const versions = json["LayerVersions"] as { Version: number }[];
    expect(versions.map(({ Version }) => Version)).toEqual([3, 2, 1]);
    expect((await call("GET", "/2018-10-31/layers")).json["Layers"]).toMatchObject([
      { LatestMatchingVersion: { Version: 3 } },
    ]);
  },
  "layer published": async () => {
    const published = await publishLayer("one", {
      Description: "tools",
      LicenseInfo: "MIT",
      CompatibleRuntimes: ["nodejs22.x"],
      CompatibleArchitectures: ["x86_64"],
    });
    expect(published.status).toBe(201);
    expect(published.json).toEqual({
      Content: {
        CodeSha256: createHash("sha256").update("one").digest("base64"),
        CodeSize: 3,
        Location: expect.stringMatching(/^http/),
      },
      LayerArn: layerArn,
      LayerVersionArn: `${layerArn}:1`,
      Description: "tools",
      CreatedDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/),
      Version: 1,
      CompatibleRuntimes: ["nodejs22.x"],
      CompatibleArchitectures: ["x86_64"],
      LicenseInfo: "MIT",
    });
    const { json } = await publishLayer("two");
    for (const absent of ["CompatibleRuntimes", "CompatibleArchitectures", "LicenseInfo"]) {
      expect(json).not.toHaveProperty(absent);
    }
  },
  "layer rows": async () => {
    await publishLayer("one");
    const [row] = (await call("GET", layers)).json["LayerVersions"] as object[];
    expect(row).toMatchObject({ LayerVersionArn: `${layerArn}:1`, Version: 1 });
    expect(row).not.toHaveProperty("Content");
    expect(row).not.toHaveProperty("LayerArn");
  },
  "layer numbering": async () => {
    await publishLayer("one");
    await publishLayer("two");
    for (const number of [1, 2]) expect((await call("DELETE", `${layers}/${number}`)).status).toBe(204);
    expect((await publishLayer("three")).json["Version"]).toBe(3);
  },
  "layer deleted": async () => {
    await publishLayer("one");
    await configure({ Layers: [`${layerArn}:1`] });
    await api.settled();
    await call("DELETE", `${layers}/1`);
    const { json } = await call("GET", `${functions}/hello/configuration`);
    expect(json["Layers"]).toEqual([{ Arn: `${layerArn}:1`, CodeSize: 3 }]);
    expect(
      (
        await send(api.origin, "POST", `${functions}/hello/invocations`, "{}", {
          "X-Amz-Invocation-Type": "DryRun",
        })
      ).status,
    ).toBe(204);
  },
  "layer policy": async () => {
    await publishLayer("one");
    const add = (body: object) =>
      call("POST", `${layers}/1/policy`, { Action: "lambda:GetLayerVersion", ...body });
    const all = await add({ StatementId: "all", Principal: "*", OrganizationId: "o-1234567890" });
    expect(all).toMatchObject({
      status: 201,
      json: {
        Statement: `{"Sid":"all","Effect":"Allow","Principal":"*","Action":"lambda:GetLayerVersion","Resource":"${layerArn}:1","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1234567890"}}}`,
      },
    });
    const one = await add({ StatementId: "one", Principal: "123456789012" });
    expect(one.json["Statement"]).toBe(
      `{"Sid":"one","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"lambda:GetLayerVersion","Resource":"${layerArn}:1"}`,
    );
  },
  "two versions of a layer": async () => {
    await publishLayer("one");
    await publishLayer("two");
    const [a, b] = [`${layerArn}:1`, `${layerArn}:2`];
    expect(await configure({ Layers: [a, b] })).toMatchObject({
      status: 400,
      json: {
        Type: "User",
        message: `Two different versions of the same layer are not allowed to be referenced in the same function. ${a} and ${b} are versions of the same layer.`,
      },
    });
  },
  "one layer version twice": async () => {
    await publishLayer("one");
    expect(await configure({ Layers: [`${layerArn}:1`, `${layerArn}:1`] })).toMatchObject(refused);
  },
  "layer of another region": async () => {
    const elsewhere = "arn:aws:lambda:eu-west-1:000000000000:layer:tools:1";
    expect(await configure({ Layers: [elsewhere] })).toMatchObject({
      status: 400,
      json: {
        message:
          "Layers are not in the same region as the function. Layers are expected to be in region us-east-1.",
      },
    });
  },
  "code signing of a function": async () => {
    expect(await call("GET", "/2020-06-30/functions/hello/code-signing-config")).toMatchObject({
      status: 200,
      text: '{"FunctionName":"hello"}',
    });
  },
  tags: async () => {
    const tag = (resource: string) =>
      call("POST", `/2017-03-31/tags/${encodeURIComponent(resource)}`, { Tags: { a: "b" } });
    const config = await call("POST", "/2020-04-22/code-signing-configs", {
      AllowedPublishers: {
        SigningProfileVersionArns: ["arn:aws:signer:us-east-1:000000000000:/signing-profiles/p/abc"],
      },
    });
    const { CodeSigningConfigArn } = config.json["CodeSigningConfig"] as { CodeSigningConfigArn: string };
    const mapping = await call("POST", "/2015-03-31/event-source-mappings", {
      FunctionName: "hello",
      EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:queue",
    });
    for (const resource of [arn, CodeSigningConfigArn, String(mapping.json["EventSourceMappingArn"])]) {
      expect((await tag(resource)).status, resource).toBe(204);
      const shown = await call("GET", `/2017-03-31/tags/${encodeURIComponent(resource)}`);
      expect(shown.json).toEqual({ Tags: { a: "b" } });
    }
    await publish();
    expect(await tag(`${arn}:1`)).toMatchObject({
      status: 400,
      json: {
        Type: "User",
        message: "Tags on function aliases and versions are not supported. Please specify a function ARN.",
      },
    });
  },
});
