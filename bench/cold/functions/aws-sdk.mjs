/** The clients that most functions on AWS load; a signed URL is made so that more than the constructor runs. */
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";

let calls = 0;

const settings = {
  region: "us-east-1",
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
};
/** Keeps what would be sent, instead of sending it. */
const sent = [];
const capture = {
  applyToStack(stack) {
    stack.add(
      () =>
        async ({ request }) => {
          sent.push(`${request.method} ${request.hostname}${request.path}`);
          const error = new Error("captured");
          error.name = "Captured";
          throw error;
        },
      { step: "finalizeRequest", name: "capture", priority: "low" },
    );
  },
};
const s3 = new S3Client({ ...settings, maxAttempts: 1 });
const dynamodb = new DynamoDBClient({ ...settings, maxAttempts: 1 });
s3.middlewareStack.use(capture);
dynamodb.middlewareStack.use(capture);

export const handler = async () => {
  sent.length = 0;
  for (const send of [
    () => s3.send(new GetObjectCommand({ Bucket: "bucket", Key: "folder/key.txt" })),
    () => dynamodb.send(new GetItemCommand({ TableName: "table", Key: { id: { S: "1" } } })),
  ]) {
    await send().catch((error) => {
      if (error.name !== "Captured") throw error;
    });
  }
  return {
    statusCode: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ sent, calls: ++calls }),
  };
};
