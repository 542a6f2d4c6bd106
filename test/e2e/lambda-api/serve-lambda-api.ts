import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  GetFunctionConfigurationCommand,
  LambdaClient,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from "@aws-sdk/client-lambda";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { expect } from "vitest";
import { createFunctionService, type FunctionService } from "../../../src/control/index.ts";
import {
  answerAfterRequest,
  createColdStartApp,
  createLambdaApi,
  invocationRoutes,
  refuseDotSegments,
} from "../../../src/http/index.ts";
import type { SnapStart } from "../../../src/snapstart/index.ts";
import { createMemoryStore, type Store } from "../../../src/store/index.ts";
import { FakeBundler } from "../../fake-bundler.ts";
import { FakeStarts } from "../../fake-starts.ts";
import { ScriptedInvoker } from "../../unit/http/scripted-invoker.ts";
import { checkedByModel } from "./model-check.ts";

export const arn = "arn:aws:lambda:us-east-1:000000000000:function:hello";
export const role = "arn:aws:iam::000000000000:role/any";

export function definition(more: Partial<CreateFunctionCommandInput> = {}): CreateFunctionCommandInput {
  return {
    FunctionName: "hello",
    Runtime: "nodejs22.x",
    Role: role,
    Handler: "index.handler",
    Code: { ZipFile: Buffer.from("zip one") },
    ...more,
  };
}

/** @param snapStart Absent: no snapshots are made. */
export async function serveLambdaApi(snapStart?: SnapStart): Promise<LambdaApiUnderTest> {
  const store = await createMemoryStore();
  const bundler = await FakeBundler.open();
  const retired: string[] = [];
  const bugs: unknown[] = [];
  const functions = await createFunctionService({
    store,
    bundler,
    ...(snapStart !== undefined && { snapStart }),
    config: { region: "us-east-1", accountId: "000000000000", maxConcurrency: 1000 },
    onRetired: ({ key }) => retired.push(key),
    onBug: (error) => bugs.push(error),
  });
  const onBug = (error: unknown) => bugs.push(error);
  const starts = new FakeStarts();
  const invoker = new ScriptedInvoker();
  const app = new Hono()
    .use(answerAfterRequest())
    .use(refuseDotSegments())
    .route("/", invocationRoutes({ directory: functions, invoker, onBug }))
    .route("/", createColdStartApp({ functions, starts, onBug }))
    .mount(
      "/",
      checkedByModel(
        createLambdaApi({
          functions,
          urlFor: (id) => `http://${id}.lambda-url.us-east-1.localhost:9000/`,
          linkKey: new Uint8Array(32),
          onBug,
        }).fetch,
        onBug,
      ),
      { replaceRequest: false },
    );
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  // Client and server share a process: while the one prepares a large request, the other would find the connection idle.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return new LambdaApiUnderTest({ store, bundler, functions, invoker, starts, server, retired, bugs });
}

interface Parts {
  readonly store: Store;
  readonly bundler: FakeBundler;
  readonly functions: FunctionService;
  readonly invoker: ScriptedInvoker;
  readonly starts: FakeStarts;
  readonly server: Server;
  readonly retired: string[];
  readonly bugs: unknown[];
}

/** The control path behind a real port, with a bundler that bundles nothing and an unmodified AWS client. */
export class LambdaApiUnderTest {
  readonly store: Store;
  readonly bundler: FakeBundler;
  readonly functions: FunctionService;
  /** Has the invocations. */
  readonly invoker: ScriptedInvoker;
  readonly starts: FakeStarts;
  /** Keys of retired specs. */
  readonly retired: string[];
  readonly origin: string;
  readonly client: LambdaClient;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.store = parts.store;
    this.bundler = parts.bundler;
    this.functions = parts.functions;
    this.invoker = parts.invoker;
    this.starts = parts.starts;
    this.retired = parts.retired;
    this.origin = `http://127.0.0.1:${(parts.server.address() as AddressInfo).port}`;
    this.client = new LambdaClient({
      endpoint: this.origin,
      region: "us-east-1",
      credentials: { accessKeyId: "any", secretAccessKey: "any" },
      maxAttempts: 1,
    });
  }

  waiter() {
    return { client: this.client, maxWaitTime: 20, minDelay: 1, maxDelay: 1 };
  }

  async createActive(more: Partial<CreateFunctionCommandInput> = {}): Promise<void> {
    const { FunctionName } = await this.client.send(new CreateFunctionCommand(definition(more)));
    await this.settled(FunctionName);
  }

  /** As the waiters do, without their second between two looks. */
  async settled(FunctionName = "hello", Qualifier?: string): Promise<void> {
    for (;;) {
      const { State, LastUpdateStatus } = await this.client.send(
        new GetFunctionConfigurationCommand({ FunctionName, Qualifier }),
      );
      if (State !== "Pending" && LastUpdateStatus !== "InProgress") return;
    }
  }

  async refusal<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
    command: Parameters<typeof LambdaClient.prototype.send<I, O>>[0],
  ) {
    try {
      await this.client.send(command);
    } catch (error) {
      const { name, message, $metadata } = error as Error & { $metadata: { httpStatusCode: number } };
      return { name, message, status: $metadata.httpStatusCode };
    }
    throw new Error("The request was not refused");
  }

  /** Fails when anything of ours went wrong, seen by a client or not. */
  async close(): Promise<void> {
    const { server, functions, bundler, store, bugs } = this.#parts;
    this.client.destroy();
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
    await functions.close();
    await bundler.close();
    await store.close();
    expect(bugs).toEqual([]);
  }
}
