import { afterEach, beforeEach, expect } from "vitest";
import { type LambdaApiUnderTest, serveLambdaApi } from "../../e2e/lambda-api/serve-lambda-api.ts";
import { describeRows } from "./describe-rows.ts";
import { send } from "./wire.ts";

let api: LambdaApiUnderTest;
beforeEach(async () => {
  api = await serveLambdaApi();
  await api.createActive();
});
afterEach(() => api.close());

const mappings = "/2015-03-31/event-source-mappings";
const queue = "arn:aws:sqs:us-east-1:000000000000:queue";
const stream = "arn:aws:kinesis:us-east-1:000000000000:stream/clicks";
const table = "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/2026-01-01T00:00:00.000";
const create = (more: object = {}) =>
  send(api.origin, "POST", mappings, { FunctionName: "hello", EventSourceArn: queue, ...more });
const refusal = (message: string) => ({ status: 400, json: { Type: "User", message } });

describeRows("event-sources", {
  "state, disabled": async () => {
    expect(await create({ Enabled: false })).toMatchObject({ status: 202, json: { State: "Disabled" } });
  },
  "state, enabled": async () => {
    const { UUID } = (await create({ Enabled: false })).json;
    const updated = await send(api.origin, "PUT", `${mappings}/${UUID}`, { Enabled: true });
    expect(updated).toMatchObject({ status: 202, json: { State: "Enabling" } });
  },
  "state transition reason": async () => {
    expect((await create()).json).toMatchObject({ StateTransitionReason: "USER_INITIATED" });
    const of = { StartingPosition: "LATEST" };
    for (const EventSourceArn of [stream, table]) {
      const { json } = await create({ ...of, EventSourceArn });
      expect(json).toMatchObject({ StateTransitionReason: "User action" });
    }
  },
  "last processing result": async () => {
    const { json } = await create({ EventSourceArn: stream, StartingPosition: "LATEST" });
    expect(json).toMatchObject({ LastProcessingResult: "No records processed" });
    expect((await create()).json).not.toHaveProperty("LastProcessingResult");
  },
  "batching window": async () => {
    expect(await create({ BatchSize: 11 })).toMatchObject(
      refusal(
        "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
      ),
    );
    expect((await create({ BatchSize: 11, MaximumBatchingWindowInSeconds: 1 })).status).toBe(202);
  },
  "starting position": async () => {
    const position = { StartingPosition: "AT_TIMESTAMP", StartingPositionTimestamp: 1e9 };
    expect(await create({ ...position, EventSourceArn: table })).toMatchObject(
      refusal(`Unsupported starting position for arn type: ${table}`),
    );
    expect((await create({ ...position, EventSourceArn: stream })).status).toBe(202);
  },
  "destination config": async () => {
    const DestinationConfig = { OnFailure: { Destination: `${queue}-failed` } };
    expect(await create({ DestinationConfig })).toMatchObject(
      refusal("Unsupported DestinationConfig parameter for given event source mapping type."),
    );
  },
  "no source": async () => {
    expect(await create({ EventSourceArn: undefined })).toMatchObject(refusal("Unrecognized event source."));
  },
  "no function": async () => {
    expect(await create({ FunctionName: "gone" })).toMatchObject(refusal("Function does not exist"));
  },
  "bad filter": async () => {
    const FilterCriteria = { Filters: [{ Pattern: "simple string" }] };
    expect(await create({ FilterCriteria })).toMatchObject(refusal("Invalid filter pattern definition."));
  },
  "no stream": async () => {
    expect(await create({ EventSourceArn: stream, StartingPosition: "LATEST" })).toMatchObject(
      refusal(`Stream not found: ${stream}`),
    );
  },
  "no queue": async () => {
    expect(await create()).toMatchObject(
      refusal(
        "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.",
      ),
    );
  },
  "no source access": async () => {
    const kafka = {
      EventSourceArn: undefined,
      Topics: ["topic"],
      SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ["kafka.example.com:9092"] } },
    };
    expect(await create(kafka)).toMatchObject(
      refusal("Required 'sourceAccessConfigurations' parameter is missing."),
    );
  },
  "no rights": async () => {
    expect(await create()).toMatchObject(
      refusal("The provided execution role does not have permissions to call ReceiveMessage on SQS"),
    );
  },
});
