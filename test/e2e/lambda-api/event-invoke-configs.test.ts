import {
  CreateAliasCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  DeleteFunctionEventInvokeConfigCommand,
  GetFunctionEventInvokeConfigCommand,
  ListFunctionEventInvokeConfigsCommand,
  PublishVersionCommand,
  PutFunctionEventInvokeConfigCommand,
  type PutFunctionEventInvokeConfigCommandInput,
  paginateListFunctionEventInvokeConfigs,
  UpdateFunctionEventInvokeConfigCommand,
} from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, test } from "vitest";
import { arn, type LambdaApiUnderTest, serveLambdaApi } from "./serve-lambda-api.ts";

let api: LambdaApiUnderTest;
beforeEach(async () => {
  api = await serveLambdaApi();
  await api.createActive();
});
afterEach(() => api.close());

type Input = Partial<PutFunctionEventInvokeConfigCommandInput>;
const put = (input: Input) => new PutFunctionEventInvokeConfigCommand({ FunctionName: "hello", ...input });
const update = (input: Input) =>
  new UpdateFunctionEventInvokeConfigCommand({ FunctionName: "hello", ...input });
const get = (Qualifier?: string, FunctionName = "hello") =>
  new GetFunctionEventInvokeConfigCommand({ FunctionName, Qualifier });
const remove = (Qualifier?: string, FunctionName = "hello") =>
  new DeleteFunctionEventInvokeConfigCommand({ FunctionName, Qualifier });
const list = async () => {
  const command = new ListFunctionEventInvokeConfigsCommand({ FunctionName: "hello" });
  return (await api.client.send(command)).FunctionEventInvokeConfigs;
};
const publish = async () => {
  await api.client.send(new PublishVersionCommand({ FunctionName: "hello" }));
  await api.client.send(
    new CreateAliasCommand({ FunctionName: "hello", Name: "live", FunctionVersion: "1" }),
  );
};

/** Without what is no part of the answer's body. */
async function answer(command: ReturnType<typeof put>) {
  const { $metadata, ...body } = await api.client.send(command);
  expect($metadata.httpStatusCode).toBe(200);
  return body;
}

const shown = (more: object, qualifier = "$LATEST") => ({
  LastModified: expect.any(Date),
  FunctionArn: `${arn}:${qualifier}`,
  DestinationConfig: { OnSuccess: {}, OnFailure: {} },
  ...more,
});
const noConfig = (of: string) => ({
  name: "ResourceNotFoundException",
  status: 404,
  message: `The function ${of} doesn't have an EventInvokeConfig`,
});
const noFunction = { name: "ResourceNotFoundException", status: 404, message: "The function doesn't exist." };
const invalid = (message: string) => ({ name: "InvalidParameterValueException", status: 400, message });

test("recorded: Put replaces, Update merges, and a number that is not set is not shown", async () => {
  expect(await answer(put({ MaximumRetryAttempts: 0 }))).toEqual(shown({ MaximumRetryAttempts: 0 }));
  const aged = shown({ MaximumEventAgeInSeconds: 60 });
  expect(await answer(put({ MaximumEventAgeInSeconds: 60 }))).toEqual(aged);
  expect(await answer(update({ MaximumEventAgeInSeconds: 60 }) as never)).toEqual(aged);
  const both = shown({ MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 1 });
  expect(await answer(update({ MaximumRetryAttempts: 1 }) as never)).toEqual(both);
  expect(await answer(get() as never)).toEqual(both);
  expect(await answer(get("$LATEST") as never)).toEqual(both);
  expect(await answer(get(undefined, `${arn}:$LATEST`) as never)).toEqual(both);
  expect(await list()).toEqual([both]);
  expect(await answer(put({ MaximumEventAgeInSeconds: 21_600, MaximumRetryAttempts: 2 }))).toEqual(
    shown({ MaximumEventAgeInSeconds: 21_600, MaximumRetryAttempts: 2 }),
  );
});

test("LastModified is a number of seconds on the wire", async () => {
  const startMs = Date.now();
  const response = await fetch(`${api.origin}/2019-09-25/functions/hello/event-invoke-config`, {
    method: "PUT",
    body: '{"MaximumRetryAttempts":1,"MaximumEventAgeInSeconds":null}',
  });
  const body = (await response.json()) as Record<string, unknown>;
  expect(Object.keys(body)).toEqual([
    "LastModified",
    "FunctionArn",
    "MaximumRetryAttempts",
    "DestinationConfig",
  ]);
  expect(body["LastModified"]).toBeGreaterThanOrEqual(startMs / 1000 - 1);
  expect(body["LastModified"]).toBeLessThan(startMs / 1000 + 60);
});

test("recorded: $LATEST, each version and each alias have one of their own, which goes with them", async () => {
  await answer(put({ MaximumRetryAttempts: 2 }));
  await publish();
  expect(await api.refusal(get("1"))).toEqual(noConfig(`${arn}:1`));
  const ofVersion = shown({ MaximumEventAgeInSeconds: 120 }, "1");
  expect(await answer(put({ Qualifier: "1", MaximumEventAgeInSeconds: 120 }))).toEqual(ofVersion);
  const ofAlias = shown({ MaximumRetryAttempts: 1 }, "live");
  for (const FunctionName of ["hello:live", `${arn}:live`, "000000000000:function:hello:live"]) {
    expect(await answer(put({ FunctionName, MaximumRetryAttempts: 1 }))).toEqual(ofAlias);
    expect(await answer(put({ FunctionName, Qualifier: "live", MaximumRetryAttempts: 1 }))).toEqual(ofAlias);
    expect(await api.refusal(put({ FunctionName, Qualifier: "$LATEST", MaximumRetryAttempts: 1 }))).toEqual(
      invalid("The derived qualifier from the function name does not match the specified qualifier."),
    );
  }
  expect(await list()).toEqual([shown({ MaximumRetryAttempts: 2 }), ofVersion, ofAlias]);
  const pages: number[] = [];
  const paging = { client: api.client, pageSize: 2 };
  for await (const page of paginateListFunctionEventInvokeConfigs(paging, { FunctionName: "hello" })) {
    pages.push(page.FunctionEventInvokeConfigs?.length ?? 0);
  }
  expect(pages).toEqual([2, 1]);
  expect((await api.client.send(remove())).$metadata.httpStatusCode).toBe(204);
  expect(await api.refusal(remove())).toEqual(noConfig(`${arn}:$LATEST`));
  expect(await list()).toEqual([ofVersion, ofAlias]);
  await api.client.send(new DeleteAliasCommand({ FunctionName: "hello", Name: "live" }));
  expect(await list()).toEqual([ofVersion]);
  await api.client.send(new DeleteFunctionCommand({ FunctionName: "hello", Qualifier: "1" }));
  expect(await list()).toEqual([]);
});

test("recorded: a function or configuration that is not there", async () => {
  await publish();
  const other = arn.replace("hello", "doesnotexist");
  const FunctionName = "doesnotexist";
  for (const input of [{ FunctionName }, { FunctionName: other }, { Qualifier: "no" }, { Qualifier: "9" }]) {
    expect(await api.refusal(put({ ...input, MaximumRetryAttempts: 1 }))).toEqual(noFunction);
    expect(await api.refusal(update({ ...input, MaximumRetryAttempts: 1 }))).toEqual(noFunction);
  }
  expect(await api.refusal(new ListFunctionEventInvokeConfigsCommand({ FunctionName }))).toEqual(noFunction);
  expect(await api.refusal(get(undefined, FunctionName))).toEqual(noConfig(`${other}:$LATEST`));
  expect(await api.refusal(remove(undefined, FunctionName))).toEqual(noConfig(`${other}:$LATEST`));
  expect(await api.refusal(get("doesnotexist"))).toEqual(noConfig(`${arn}:doesnotexist`));
  expect(await api.refusal(get("live"))).toEqual(noConfig(`${arn}:live`));
  expect(await api.refusal(update({ Qualifier: "live", MaximumRetryAttempts: 1 }))).toEqual(
    noConfig(`${arn}:live`),
  );
  expect(await api.refusal(update({ MaximumRetryAttempts: 1 }))).toEqual(noConfig(`${arn}:$LATEST`));
  for (const make of [put, update]) {
    expect(await api.refusal(make({}) as ReturnType<typeof put>)).toEqual(
      invalid("You must specify at least one of error handling or destination setting."),
    );
  }
});

test("recorded: destinations", async () => {
  await api.createActive({ FunctionName: "other", Publish: true });
  const other = arn.replace("hello", "other");
  const succeed = (Destination: string) => put({ DestinationConfig: { OnSuccess: { Destination } } });
  const fail = (Destination: string) => put({ DestinationConfig: { OnFailure: { Destination } } });
  const absent = arn.replace("hello", "doesnotexist");
  expect(await api.refusal(succeed(absent))).toEqual(invalid(`The destination ARN ${absent} is invalid.`));
  expect(await api.refusal(succeed(arn))).toEqual(
    invalid("You can't specify the function as a destination for itself."),
  );
  const iam = arn.replace(":lambda:", ":iam:");
  expect(await api.refusal(succeed(iam))).toEqual(
    invalid(
      `The provided destination config DestinationConfig(onSuccess=OnSuccess(destination=${iam}), onFailure=null) is invalid.`,
    ),
  );
  const malformed = arn.replace(":lambda:", ":_-/!lambda:");
  expect(await api.refusal(fail(malformed))).toEqual({
    name: "ValidationException",
    status: 400,
    message: `1 validation error detected: Value '${malformed}' at 'destinationConfig.onFailure.destination' failed to satisfy constraint: Member must satisfy regular expression pattern: $|kafka://([^.]([a-zA-Z0-9\\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)`,
  });
  expect(await answer(succeed(other))).toEqual(
    shown({ DestinationConfig: { OnSuccess: { Destination: other }, OnFailure: {} } }),
  );
  const none = shown({});
  for (const empty of [{ OnSuccess: {} }, { OnFailure: {} }, {}, { OnFailure: { Destination: "" } }]) {
    expect(await answer(put({ DestinationConfig: empty }))).toEqual(none);
  }
});

test("a destination is a function that exists, a queue, a topic, a bus, or for failures a bucket", async () => {
  await api.createActive({ FunctionName: "other", Publish: true });
  await api.settled("other", "1");
  const other = arn.replace("hello", "other");
  const [queue, topic, bus, bucket] = [
    "arn:aws:sqs:us-east-1:000000000000:queue",
    "arn:aws:sns:us-east-1:000000000000:topic",
    "arn:aws:events:us-east-1:000000000000:event-bus/default",
    "arn:aws:s3:::bucket",
  ] as const;
  for (const [OnSuccess, OnFailure] of [
    [`${other}:1`, queue],
    [`${other}:$LATEST`, topic],
    [bus, bucket],
  ]) {
    const DestinationConfig = {
      OnSuccess: { Destination: OnSuccess },
      OnFailure: { Destination: OnFailure },
    };
    expect(await answer(put({ DestinationConfig }))).toEqual(shown({ DestinationConfig }));
  }
  for (const Destination of [bucket, `${queue}.fifo`, `${topic}.fifo`, "kafka://topic"]) {
    expect(await api.refusal(put({ DestinationConfig: { OnSuccess: { Destination } } }))).toEqual(
      invalid(
        `The provided destination config DestinationConfig(onSuccess=OnSuccess(destination=${Destination}), onFailure=null) is invalid.`,
      ),
    );
  }
  for (const Destination of [
    `${other}:9`,
    `${other}:no`,
    other.replace("us-east-1", "eu-west-1"),
    other.replace("000000000000", "123456789012"),
    "arn:aws:lambda:us-east-1:000000000000:layer:any",
  ]) {
    expect(await api.refusal(put({ DestinationConfig: { OnFailure: { Destination } } }))).toEqual(
      invalid(`The destination ARN ${Destination} is invalid.`),
    );
  }
  // What was refused changed nothing.
  expect((await answer(get() as never)).DestinationConfig?.OnFailure).toEqual({ Destination: bucket });
});

test("numbers are held to the model's bounds", async () => {
  expect(await api.refusal(put({ MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 59 }))).toEqual({
    name: "ValidationException",
    status: 400,
    message:
      "2 validation errors detected: Value '3' at 'maximumRetryAttempts' failed to satisfy constraint: Member must have value less than or equal to 2; Value '59' at 'maximumEventAgeInSeconds' failed to satisfy constraint: Member must have value greater than or equal to 60",
  });
});
