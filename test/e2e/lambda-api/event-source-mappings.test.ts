import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  DeleteEventSourceMappingCommand,
  DeleteFunctionCommand,
  GetEventSourceMappingCommand,
  ListEventSourceMappingsCommand,
  ListTagsCommand,
  PublishVersionCommand,
  paginateListEventSourceMappings,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateEventSourceMappingCommand,
  type UpdateEventSourceMappingCommandInput,
} from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, test } from "vitest";
import { arn, type LambdaApiUnderTest, serveLambdaApi } from "./serve-lambda-api.ts";

let api: LambdaApiUnderTest;
beforeEach(async () => {
  api = await serveLambdaApi();
  await api.createActive();
});
afterEach(() => api.close());

const account = "us-east-1:000000000000";
const queue = `arn:aws:sqs:${account}:jobs`;
const table = `arn:aws:dynamodb:${account}:table/orders/stream/2026-01-01T00:00:00.000`;
const stream = `arn:aws:kinesis:${account}:stream/clicks`;
const secret = `arn:aws:secretsmanager:${account}:secret:kafka`;
const notPolled = "No records processed: Brisk keeps this mapping, but does not poll event sources yet";
const unknown = "01234567-89ab-cdef-0123-456789abcdef";

type Input = Partial<CreateEventSourceMappingCommandInput>;
const create = (input: Input = {}) =>
  new CreateEventSourceMappingCommand({ FunctionName: "hello", EventSourceArn: queue, ...input });
const get = (UUID: string) => new GetEventSourceMappingCommand({ UUID });
const update = (input: UpdateEventSourceMappingCommandInput) => new UpdateEventSourceMappingCommand(input);
const remove = (UUID: string) => new DeleteEventSourceMappingCommand({ UUID });
const kafka = (more: Input = {}): Input => ({
  EventSourceArn: undefined,
  SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ["kafka:1000"] } },
  Topics: ["topic"],
  SourceAccessConfigurations: [{ Type: "BASIC_AUTH", URI: secret }],
  ...more,
});

async function answer(command: ReturnType<typeof create>) {
  const { $metadata, ...body } = await api.client.send(command);
  return { status: $metadata.httpStatusCode, ...body };
}

/** As tools wait: until no change is under way. */
async function settled(uuid: string | undefined) {
  for (;;) {
    const shown = await api.client.send(get(uuid ?? ""));
    if (shown.State === "Enabled" || shown.State === "Disabled") return shown;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

const invalid = (message: string) => ({ name: "InvalidParameterValueException", status: 400, message });
const absent = {
  name: "ResourceNotFoundException",
  status: 404,
  message: "The resource you requested does not exist.",
};
const mappingArn = (uuid: unknown) => `arn:aws:lambda:${account}:event-source-mapping:${uuid}`;

test("recorded: the life of a mapping to a DynamoDB stream, which its function's end does not touch", async () => {
  const destination = `arn:aws:sqs:${account}:failures`;
  const created = await answer(
    create({
      EventSourceArn: table,
      DestinationConfig: { OnFailure: { Destination: destination } },
      BatchSize: 1,
      StartingPosition: "TRIM_HORIZON",
      MaximumBatchingWindowInSeconds: 1,
      MaximumRetryAttempts: 1,
    }),
  );
  const { UUID } = created;
  const shown = {
    BatchSize: 1,
    BisectBatchOnFunctionError: false,
    DestinationConfig: { OnFailure: { Destination: destination } },
    EventSourceArn: table,
    EventSourceMappingArn: mappingArn(UUID),
    FunctionArn: arn,
    FunctionResponseTypes: [],
    LastModified: created.LastModified,
    LastProcessingResult: "No records processed",
    MaximumBatchingWindowInSeconds: 1,
    MaximumRecordAgeInSeconds: -1,
    MaximumRetryAttempts: 1,
    ParallelizationFactor: 1,
    StartingPosition: "TRIM_HORIZON",
    State: "Creating",
    StateTransitionReason: "User action",
    TumblingWindowInSeconds: 0,
    UUID: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f-]{27}$/),
  };
  expect(created).toEqual({ status: 202, ...shown });
  expect(created.LastModified).toBeInstanceOf(Date);
  await settled(UUID);
  // Where AWS says only that no records were processed, we say why there will be none.
  const enabled = { ...shown, State: "Enabled", LastProcessingResult: notPolled };
  expect(await answer(get(UUID!) as never)).toEqual({ status: 200, ...enabled });
  await api.client.send(new DeleteFunctionCommand({ FunctionName: "hello" }));
  expect(await answer(get(UUID!) as never)).toEqual({ status: 200, ...enabled });
  expect(await answer(remove(UUID!) as never)).toEqual({ ...shown, status: 202, State: "Deleting" });
  for (;;) {
    const { EventSourceMappings = [] } = await api.client.send(new ListEventSourceMappingsCommand());
    if (EventSourceMappings.length === 0) break;
    expect(EventSourceMappings).toMatchObject([{ UUID, State: "Deleting" }]);
  }
  expect(await api.refusal(get(UUID!))).toEqual(absent);
});

test("recorded: defaults of a queue and of a Kinesis stream; a queue has no last result", async () => {
  expect(await answer(create())).toEqual({
    status: 202,
    BatchSize: 10,
    EventSourceArn: queue,
    EventSourceMappingArn: expect.any(String),
    FunctionArn: arn,
    FunctionResponseTypes: [],
    LastModified: expect.any(Date),
    MaximumBatchingWindowInSeconds: 0,
    State: "Creating",
    StateTransitionReason: "USER_INITIATED",
    UUID: expect.any(String),
  });
  expect(
    await answer(
      create({ EventSourceArn: stream, StartingPosition: "LATEST", FilterCriteria: { Filters: [] } }),
    ),
  ).toEqual({
    status: 202,
    BatchSize: 100,
    BisectBatchOnFunctionError: false,
    DestinationConfig: { OnFailure: {} },
    EventSourceArn: stream,
    EventSourceMappingArn: expect.any(String),
    FunctionArn: arn,
    FunctionResponseTypes: [],
    LastModified: expect.any(Date),
    LastProcessingResult: "No records processed",
    MaximumBatchingWindowInSeconds: 0,
    MaximumRecordAgeInSeconds: -1,
    MaximumRetryAttempts: -1,
    ParallelizationFactor: 1,
    StartingPosition: "LATEST",
    State: "Creating",
    StateTransitionReason: "User action",
    TumblingWindowInSeconds: 0,
    UUID: expect.any(String),
  });
});

test("recorded: self-managed Kafka's defaults, and conflicts by server and topic", async () => {
  expect(await api.refusal(create(kafka({ SourceAccessConfigurations: undefined })))).toEqual(
    invalid("Required 'sourceAccessConfigurations' parameter is missing."),
  );
  const first = await answer(create(kafka()));
  const { UUID } = first;
  expect(first).toEqual({
    status: 202,
    BatchSize: 100,
    EventSourceMappingArn: mappingArn(UUID),
    FunctionArn: arn,
    LastModified: expect.any(Date),
    LastProcessingResult: "No records processed",
    SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ["kafka:1000"] } },
    SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: UUID },
    SourceAccessConfigurations: [{ Type: "BASIC_AUTH", URI: secret }],
    StartingPosition: "TRIM_HORIZON",
    State: "Creating",
    StateTransitionReason: "USER_INITIATED",
    Topics: ["topic"],
    UUID: expect.any(String),
  });
  const conflict = (servers: string) => ({
    name: "ResourceConflictException",
    status: 409,
    message: `An event source mapping with event source ("${servers}"), function ("${arn}"), topics ("topic") already exists. Please update or delete the existing mapping with UUID ${UUID}`,
  });
  expect(await api.refusal(create(kafka()))).toEqual(conflict("kafka:1000"));
  const two = { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ["kafka:1000", "kafka:2000"] } };
  expect(await api.refusal(create(kafka({ SelfManagedEventSource: two })))).toEqual(
    conflict("kafka:1000,kafka:2000"),
  );
  expect(
    await answer(
      create(
        kafka({
          Topics: ["topic_2"],
          BatchSize: 1,
          StartingPosition: "LATEST",
          SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: "random_id" },
        }),
      ),
    ),
  ).toMatchObject({
    BatchSize: 1,
    StartingPosition: "LATEST",
    Topics: ["topic_2"],
    SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: "random_id" },
  });
});

test("recorded: the function's ARN is shown with the qualifier that was given", async () => {
  await api.client.send(new PublishVersionCommand({ FunctionName: "hello" }));
  const names = [
    ["hello", arn],
    ["hello:$LATEST", `${arn}:$LATEST`],
    ["hello:1", `${arn}:1`],
    [`${arn}:1`, `${arn}:1`],
    ["000000000000:function:hello", arn],
  ] as const;
  for (const [index, [FunctionName, shown]] of names.entries()) {
    const made = await answer(create({ FunctionName, EventSourceArn: `${queue}-${index}` }));
    expect(made.FunctionArn).toBe(shown);
  }
  const listed = async (FunctionName: string) =>
    (await api.client.send(new ListEventSourceMappingsCommand({ FunctionName }))).EventSourceMappings?.length;
  expect(await Promise.all([listed("hello"), listed(`${arn}:1`), listed("hello:$LATEST")])).toEqual([
    2, 2, 1,
  ]);
  expect(await listed("doesnotexist")).toBe(0);
});

test("recorded: what is refused, in Lambda's words and order", async () => {
  const other = { FunctionName: "doesnotexist" };
  const sqs = `arn:aws:sqs:${account}:other`;
  const cases: [Input, string][] = [
    [{ ...other, EventSourceArn: undefined }, "Unrecognized event source."],
    [other, "Function does not exist"],
    [{ FunctionName: "hello:live" }, "Function does not exist"],
    [
      { ...other, DestinationConfig: { OnSuccess: { Destination: sqs } } },
      "Unsupported DestinationConfig parameter for given event source mapping type.",
    ],
    [
      { EventSourceArn: table },
      "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
    ],
    [
      { EventSourceArn: table, StartingPosition: "AT_TIMESTAMP", StartingPositionTimestamp: new Date(1e12) },
      `Unsupported starting position for arn type: ${table}`,
    ],
    [
      { BatchSize: 11 },
      "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
    ],
    [{ FilterCriteria: { Filters: [{ Pattern: "simple string" }] } }, "Invalid filter pattern definition."],
  ];
  for (const [input, message] of cases) expect(await api.refusal(create(input))).toEqual(invalid(message));
  expect(await api.refusal(create({ EventSourceArn: stream, StartingPosition: "invalid" as never }))).toEqual(
    {
      name: "ValidationException",
      status: 400,
      message:
        "1 validation error detected: Value 'invalid' at 'startingPosition' failed to satisfy constraint: Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]",
    },
  );
  for (const command of [get(unknown), remove(unknown), update({ UUID: unknown, Enabled: false })]) {
    expect(await api.refusal(command as never)).toEqual(absent);
  }
  const { UUID } = await answer(create());
  expect(await api.refusal(create())).toMatchObject({
    status: 409,
    message: `An event source mapping with SQS arn (" ${queue} ") and function (" hello ") already exists. Please update or delete the existing mapping with UUID ${UUID}`,
  });
  const clicks = { EventSourceArn: stream, StartingPosition: "LATEST" } as const;
  const made = await answer(create(clicks));
  expect(await api.refusal(create(clicks))).toMatchObject({
    status: 409,
    message: `The event source arn (" ${stream} ") and function (" hello ") provided mapping already exists. Please update or delete the existing mapping with UUID ${made.UUID}`,
  });
});

test("recorded: an update keeps what it is not given, and shows what it does to the state", async () => {
  await api.createActive({ FunctionName: "other" });
  const { UUID } = await answer(create({ MaximumBatchingWindowInSeconds: 1, Enabled: false }));
  expect(await api.client.send(get(UUID!))).toMatchObject({ State: "Disabled" });
  expect(await api.client.send(update({ UUID, Enabled: true }))).toMatchObject({ State: "Enabling" });
  expect(await api.refusal(update({ UUID, Enabled: false }))).toEqual({
    name: "ResourceInUseException",
    status: 400,
    message: "Cannot update the event source mapping because it is in use.",
  });
  await settled(UUID);
  const moved = await api.client.send(update({ UUID, FunctionName: "other" }));
  expect(moved).toMatchObject({
    $metadata: { httpStatusCode: 202 },
    State: "Updating",
    BatchSize: 10,
    MaximumBatchingWindowInSeconds: 1,
    FunctionArn: arn.replace("hello", "other"),
  });
  await settled(UUID);
  expect(await api.refusal(update({ UUID, BatchSize: 1000, MaximumBatchingWindowInSeconds: 0 }))).toEqual(
    invalid(
      "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
    ),
  );
  expect(await api.refusal(update({ UUID, FunctionName: "doesnotexist" }))).toEqual(
    invalid("Function does not exist"),
  );
});

test("members come in the model's order, also after changes, and a UUID is one in either case", async () => {
  const { UUID } = await answer(create({ Enabled: false, ScalingConfig: { MaximumConcurrency: 2 } }));
  await api.client.send(update({ UUID: UUID!.toUpperCase(), BatchSize: 3, FilterCriteria: {} }));
  const shown = await (await fetch(`${api.origin}/2015-03-31/event-source-mappings/${UUID}`)).json();
  expect(Object.keys(shown as object)).toEqual([
    "UUID",
    "BatchSize",
    "MaximumBatchingWindowInSeconds",
    "EventSourceArn",
    "ScalingConfig",
    "FunctionArn",
    "LastModified",
    "State",
    "StateTransitionReason",
    "FunctionResponseTypes",
    "EventSourceMappingArn",
  ]);
});

test("lists are by source, and in pages", async () => {
  const made: (string | undefined)[] = [];
  for (let n = 0; n < 5; n++) made.push((await answer(create({ EventSourceArn: `${queue}-${n}` }))).UUID);
  const seen: (string | undefined)[] = [];
  const sizes: number[] = [];
  for await (const { EventSourceMappings = [] } of paginateListEventSourceMappings(
    { client: api.client, pageSize: 2 },
    { FunctionName: "hello" },
  )) {
    sizes.push(EventSourceMappings.length);
    seen.push(...EventSourceMappings.map((row) => row.UUID));
  }
  expect(sizes).toEqual([2, 2, 1]);
  expect(seen.toSorted()).toEqual(made.toSorted());
  const bySource = new ListEventSourceMappingsCommand({ EventSourceArn: `${queue}-3` });
  expect((await api.client.send(bySource)).EventSourceMappings?.map((row) => row.UUID)).toEqual([made[3]]);
});

test("recorded: a mapping's tags", async () => {
  const { EventSourceMappingArn: Resource } = await answer(create({ Tags: { A: "tag-a" } }));
  const tags = async () => (await api.client.send(new ListTagsCommand({ Resource }))).Tags;
  expect(await tags()).toEqual({ A: "tag-a" });
  const tagged = await api.client.send(new TagResourceCommand({ Resource, Tags: { B: "tag-b", A: "new" } }));
  expect(tagged.$metadata.httpStatusCode).toBe(204);
  expect(await tags()).toEqual({ A: "new", B: "tag-b" });
  await api.client.send(new UntagResourceCommand({ Resource, TagKeys: ["A", "nosuch"] }));
  expect(await tags()).toEqual({ B: "tag-b" });
  const other = mappingArn(unknown);
  expect(await api.refusal(new ListTagsCommand({ Resource: other }))).toEqual({
    name: "ResourceNotFoundException",
    status: 404,
    message: `Event source mapping not found: ${other}`,
  });
});
