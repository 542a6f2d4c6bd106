import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  DeleteLayerVersionCommand,
  GetFunctionCommand,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, test } from "vitest";
import { definition, type LambdaApiUnderTest, serveLambdaApi } from "./serve-lambda-api.ts";

let api: LambdaApiUnderTest;
beforeEach(async () => {
  api = await serveLambdaApi();
});
afterEach(() => api.close());

const FunctionName = "hello";
const arnOf = (name: string, version = 1) => `arn:aws:lambda:us-east-1:000000000000:layer:${name}:${version}`;

async function publish(LayerName: string, content = `layer ${LayerName}`): Promise<string> {
  const Content = { ZipFile: Buffer.from(content) };
  const { LayerVersionArn } = await api.client.send(new PublishLayerVersionCommand({ LayerName, Content }));
  return LayerVersionArn ?? "";
}
async function update(Layers: string[] | undefined, more: object = {}): Promise<void> {
  await api.client.send(new UpdateFunctionConfigurationCommand({ FunctionName, Layers, ...more }));
  await api.settled();
}
async function layers(Qualifier?: string) {
  return (await api.client.send(new GetFunctionCommand({ FunctionName, Qualifier }))).Configuration?.Layers;
}
const deleteLayer = (LayerName: string, VersionNumber = 1) =>
  api.client.send(new DeleteLayerVersionCommand({ LayerName, VersionNumber }));
const refused = (message: string) => ({ name: "InvalidParameterValueException", status: 400, message });

test("recorded: Layers of CreateFunction and UpdateFunctionConfiguration are kept in order and shown with their sizes", async () => {
  const [a, b] = [await publish("a"), await publish("bb")];
  const created = await api.client.send(new CreateFunctionCommand(definition({ Layers: [b, a] })));
  const shown = [
    { Arn: b, CodeSize: 8 },
    { Arn: a, CodeSize: 7 },
  ];
  expect(created.Layers).toEqual(shown);
  await api.settled();
  expect(await layers()).toEqual(shown);
  expect((await api.client.send(new ListFunctionsCommand({}))).Functions?.[0]?.Layers).toEqual(shown);

  const updated = await api.client.send(
    new UpdateFunctionConfigurationCommand({ FunctionName, Layers: [a] }),
  );
  expect(updated).toMatchObject({
    Layers: [{ Arn: a, CodeSize: 7 }],
    LastUpdateStatus: "InProgress",
    LastUpdateStatusReason: "The function is being created.",
    LastUpdateStatusReasonCode: "Creating",
  });
  await api.settled();
  await update(undefined, { Timeout: 5 });
  expect(await layers()).toEqual([{ Arn: a, CodeSize: 7 }]);
  await update([]);
  expect(await layers()).toBe(undefined);
});

test("recorded: more than five, two versions of one layer, and what is not there are refused", async () => {
  await api.createActive();
  const first = await publish("a");
  const [second, third] = [await publish("a"), await publish("a")];
  const refusal = (Layers: string[]) =>
    api.refusal(new UpdateFunctionConfigurationCommand({ FunctionName, Layers }));
  const twice = (one: string, other: string) =>
    refused(
      `Two different versions of the same layer are not allowed to be referenced in the same function. ${one} and ${other} are versions of the same layer.`,
    );
  expect(await refusal([first, second])).toEqual(twice(first, second));
  expect(await refusal([first, second, third])).toEqual(twice(first, second));
  expect(await refusal([first, first])).toEqual(twice(first, first));
  for (const absent of [arnOf("doesnotexist"), arnOf("a", 9), "arn:aws:lambda:::awslayer:AmazonLinux2"]) {
    expect(await refusal([absent])).toEqual(refused(`Layer version ${absent} does not exist.`));
  }
  const elsewhere = refused(
    "Layers are not in the same region as the function. Layers are expected to be in region us-east-1.",
  );
  expect(await refusal([first.replace("us-east-1", "eu-west-1")])).toEqual(elsewhere);
  const six = await Promise.all(["b", "c", "d", "e", "f", "g"].map((name) => publish(name)));
  expect(await refusal(six)).toEqual(refused("Cannot reference more than 5 layers."));
  const creation = new CreateFunctionCommand(definition({ FunctionName: "other", Layers: six }));
  expect(await api.refusal(creation)).toEqual(refused("Cannot reference more than 5 layers."));
  const foreign = "arn:aws:lambda:us-east-1:999999999999:layer:a:1";
  expect(await refusal([foreign])).toEqual({
    name: "AccessDeniedException",
    status: 403,
    message: `User: arn:aws:iam::000000000000:root is not authorized to perform: lambda:GetLayerVersion on resource: ${foreign} because no resource-based policy allows the lambda:GetLayerVersion action`,
  });
  const unversioned = arnOf("a").replace(/:1$/, "");
  expect(await refusal([unversioned])).toEqual({
    name: "ValidationException",
    status: 400,
    message: `1 validation error detected: Value '[${unversioned}]' at 'layers' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 2048, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+), Member must not be null]`,
  });
  expect(await layers()).toBe(undefined);
  await update(six.slice(0, 5));
  expect(await layers()).toHaveLength(5);
});

test("recorded: a function keeps a layer version that is deleted, and no other function gets it", async () => {
  const arn = await publish("a");
  await api.createActive({ Layers: [arn] });
  await deleteLayer("a");
  expect(await layers()).toEqual([{ Arn: arn, CodeSize: 7 }]);
  expect(await api.store.listBlobs()).toHaveLength(2);
  expect(
    await api.refusal(new CreateFunctionCommand(definition({ FunctionName: "other", Layers: [arn] }))),
  ).toEqual(refused(`Layer version ${arn} does not exist.`));
  // Whatever else is changed of the function, it is built with that layer.
  await update(undefined, { Handler: "other.handler" });
  await api.client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: Buffer.from("zip two") }));
  await api.settled();
  expect(api.bundler.requests.at(-1)?.layers).toHaveLength(1);
  expect(await layers()).toEqual([{ Arn: arn, CodeSize: 7 }]);
  expect(await api.refusal(new UpdateFunctionConfigurationCommand({ FunctionName, Layers: [arn] }))).toEqual(
    refused(`Layer version ${arn} does not exist.`),
  );
  await update([]);
  await api.client.send(new DeleteFunctionCommand({ FunctionName }));
  await api.functions.close();
  expect(await api.store.listBlobs()).toEqual([]);
});

test("published versions keep their layers, and a change of layers alone is a new version", async () => {
  const [a, b] = [await publish("a"), await publish("b")];
  await api.createActive({ Layers: [a] });
  const publishVersion = async () =>
    (await api.client.send(new PublishVersionCommand({ FunctionName }))).Version;
  expect(await publishVersion()).toBe("1");
  expect(await publishVersion()).toBe("1");
  await update([b]);
  expect(await publishVersion()).toBe("2");
  await update([]);
  expect(await publishVersion()).toBe("3");
  await deleteLayer("a");
  expect([(await layers("1"))?.[0]?.Arn, (await layers("2"))?.[0]?.Arn, await layers("3")]).toEqual([
    a,
    b,
    undefined,
  ]);
  const { Versions } = await api.client.send(new ListVersionsByFunctionCommand({ FunctionName }));
  expect(Versions?.map(({ Layers }) => Layers?.length)).toEqual([undefined, 1, 1, undefined]);
  // The layer of version 1 is there for nobody else, and goes with it.
  expect(await api.store.listBlobs()).toHaveLength(3);
  await api.client.send(new DeleteFunctionCommand({ FunctionName, Qualifier: "1" }));
  await api.functions.close();
  expect(await api.store.listBlobs()).toHaveLength(2);
});

test("a change of what layers hold, or of their order, is built anew; the same layers are not", async () => {
  const [a, b] = [await publish("a"), await publish("b")];
  const again = await publish("a");
  await api.createActive({ Layers: [a, b] });
  const built = () => api.bundler.requests.length;
  expect(built()).toBe(1);
  await update([a, b], { Description: "same" });
  expect(built()).toBe(1);
  // Another version that holds the same.
  await update([again, b]);
  expect(built()).toBe(1);
  expect(await layers()).toMatchObject([{ Arn: again }, { Arn: b }]);
  await update([b, again]);
  expect(built()).toBe(2);
  await update([b]);
  expect(built()).toBe(3);
  await update([await publish("b", "layer b two")]);
  expect(built()).toBe(4);
});

test("a layer version that is deleted while a function with it is made stays for the function", async () => {
  const arn = await publish("a");
  api.bundler.hold();
  await api.client.send(new CreateFunctionCommand(definition({ Layers: [arn] })));
  await deleteLayer("a");
  api.bundler.release();
  await api.settled();
  expect(await layers()).toEqual([{ Arn: arn, CodeSize: 7 }]);
  expect(await api.store.listBlobs()).toHaveLength(2);
});
