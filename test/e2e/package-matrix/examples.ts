import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { functionZip } from "./function-zip.ts";

const folder = fileURLToPath(new URL("../../../examples", import.meta.url));

/** An example, with an event as its function URL would send. What it answers, `examples.test.ts` knows. */
export interface ExampleFunction {
  readonly name: string;
  readonly example: string;
  readonly handler: string;
  readonly event: unknown;
}

const request = (method: string, path: string, query = "", body?: unknown) => ({
  version: "2.0",
  rawPath: path,
  rawQueryString: query,
  queryStringParameters: Object.fromEntries(new URLSearchParams(query)),
  headers: { host: "example.com", "content-type": "application/json" },
  requestContext: {
    domainName: "example.com",
    stage: "$default",
    http: { method, path, protocol: "HTTP/1.1" },
  },
  ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  isBase64Encoded: false,
});

export const exampleFunctions: readonly ExampleFunction[] = [
  {
    name: "example-hello",
    example: "hello",
    handler: "index.handler",
    event: request("GET", "/", "name=Ada"),
  },
  {
    name: "example-hono",
    example: "hono",
    handler: "index.handler",
    event: request("POST", "/echo", "", { a: 1 }),
  },
  {
    name: "example-hono-stream",
    example: "hono",
    handler: "stream.handler",
    event: request("GET", "/events"),
  },
  {
    name: "example-express",
    example: "express",
    handler: "index.handler",
    event: request("GET", "/notes/1"),
  },
  {
    name: "example-typescript-zod",
    example: "typescript-zod",
    handler: "index.handler",
    event: request("POST", "/", "", { item: "tea", quantity: 3, priceCents: 250 }),
  },
  {
    name: "example-token-stream",
    example: "token-stream",
    handler: "index.handler",
    event: request("GET", "/", "prompt=why"),
  },
  {
    name: "example-environment",
    example: "environment",
    handler: "index.handler",
    event: request("GET", "/", "name=Ada"),
  },
];

/** The example's files, with the packages that its package.json names. */
export async function exampleZip(example: string): Promise<Uint8Array> {
  const files: Record<string, Uint8Array> = {};
  for (const name of await readdir(join(folder, example)))
    files[name] = await readFile(join(folder, example, name));
  const { dependencies = {} } = JSON.parse(Buffer.from(files["package.json"] ?? "{}").toString());
  return functionZip(files, Object.keys(dependencies));
}
