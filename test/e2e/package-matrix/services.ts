import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { text } from "node:stream/consumers";
import { fakeMongodb } from "./fake-mongodb.ts";
import { fakeMysql } from "./fake-mysql.ts";
import { fakePostgres } from "./fake-postgres.ts";
import { fakeRedis } from "./fake-redis.ts";

/** What the clients among the packages talk to: as much of S3, DynamoDB, a model's API and databases as they use. */
export interface Services extends AsyncDisposable {
  /** Where they are, as the functions' environment variables. `ENDPOINT`: `http://127.0.0.1:<port>` */
  readonly variables: Readonly<Record<string, string>>;
}

export async function startServices(): Promise<Services> {
  const objects = new Map<string, { body: string; type: string }>();
  const items = new Map<string, unknown>();
  const server = createServer(async (request, response) => {
    const { pathname, search } = new URL(request.url ?? "/", "http://services");
    const body = await text(request);
    if (pathname.startsWith("/s3/")) s3(objects, request, pathname.slice("/s3/".length), body, response);
    else if (pathname.startsWith("/dynamodb")) dynamodb(items, request, body, response);
    else if (pathname.startsWith("/openai/")) model(pathname, body, response);
    else if (pathname === "/echo") {
      const { "x-client": client, "x-seen": seen } = request.headers;
      json(response, 200, { method: request.method, search, client, seen, body: JSON.parse(body) });
    } else json(response, 404, { error: "nothing here" });
  });
  const databases = {
    redis: fakeRedis(),
    postgres: fakePostgres("secret"),
    mysql: fakeMysql("secret"),
    mongodb: fakeMongodb(),
  };
  const all = [server, ...Object.values(databases)];
  await Promise.all(all.map(listen));
  const at = (one: Server) => `127.0.0.1:${(one.address() as AddressInfo).port}`;
  return {
    variables: {
      ENDPOINT: `http://${at(server)}`,
      REDIS: at(databases.redis),
      POSTGRES: `postgres://u:secret@${at(databases.postgres)}/d`,
      MYSQL: `mysql://u:secret@${at(databases.mysql)}/d`,
      MONGODB: `mongodb://${at(databases.mongodb)}/d?directConnection=true`,
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      // Clients may have left connections open.
      for (const one of all) one.close().unref();
    },
  };
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

function s3(
  objects: Map<string, { body: string; type: string }>,
  request: IncomingMessage,
  path: string,
  body: string,
  response: ServerResponse,
): void {
  const key = path.slice(path.indexOf("/") + 1);
  const xml = (status: number, inner: string) =>
    response.writeHead(status, { "content-type": "application/xml" }).end(inner);
  if (request.method === "PUT") {
    const type = request.headers["content-type"] ?? "";
    objects.set(key, { body: unchunked(request, body), type });
    response.writeHead(200, { etag: '"1"' }).end();
  } else if (path.includes("/") && key !== "") {
    const object = objects.get(key);
    if (object === undefined) xml(404, "<Error><Code>NoSuchKey</Code><Message>none</Message></Error>");
    else response.writeHead(200, { "content-type": object.type }).end(object.body);
  } else {
    const contents = [...objects].map(
      ([name, object]) => `<Contents><Key>${name}</Key><Size>${object.body.length}</Size></Contents>`,
    );
    xml(200, `<ListBucketResult><Name>bucket</Name>${contents.join("")}</ListBucketResult>`);
  }
}

/** The client sends its checksum in a trailer: size, data, end, checksum. */
function unchunked(request: IncomingMessage, body: string): string {
  if (!request.headers["content-encoding"]?.includes("aws-chunked")) return body;
  const [size = "0"] = body.split("\r\n", 1);
  return body.slice(size.length + 2, size.length + 2 + Number.parseInt(size, 16));
}

function dynamodb(
  items: Map<string, unknown>,
  request: IncomingMessage,
  body: string,
  response: ServerResponse,
): void {
  const input = JSON.parse(body) as {
    TableName: string;
    Item?: { id: { S: string } };
    Key?: { id: { S: string } };
  };
  if (input.TableName !== "things") {
    json(response, 400, {
      __type: "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
      message: "none",
    });
  } else if (String(request.headers["x-amz-target"]).endsWith(".PutItem")) {
    items.set(input.Item?.id.S ?? "", input.Item);
    json(response, 200, {});
  } else json(response, 200, { Item: items.get(input.Key?.id.S ?? "") });
}

function model(pathname: string, body: string, response: ServerResponse): void {
  if (!pathname.endsWith("/responses")) {
    json(response, 404, { error: { message: "no such model" } });
  } else if ((JSON.parse(body) as { stream?: boolean }).stream) {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const delta of ["one", "two"]) {
      response.write(`data: ${JSON.stringify({ type: "response.output_text.delta", delta })}\n\n`);
    }
    response.end("data: [DONE]\n\n");
  } else {
    const content = [{ type: "output_text", text: '{"city":"Ulm","people":128}', annotations: [] }];
    const output = [{ type: "message", id: "m", role: "assistant", status: "completed", content }];
    json(response, 200, { id: "r", object: "response", status: "completed", output });
  }
}
