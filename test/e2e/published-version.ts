import { setTimeout as delay } from "node:timers/promises";
import {
  CreateFunctionCommand,
  GetFunctionConfigurationCommand,
  type GetFunctionConfigurationCommandOutput,
  InvokeCommand,
  PublishVersionCommand,
} from "@aws-sdk/client-lambda";
import { strToU8, zipSync } from "fflate";
import type { SnapshotState } from "../../src/snapstart/index.ts";
import type { TestServer } from "./server.ts";

export interface PublishInput {
  readonly name: string;
  /** A zip, or the text of index.mjs. */
  readonly code: Uint8Array | string;
  readonly handler?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** MB, default 512. */
  readonly memorySizeMb?: number;
  /** Default 30. */
  readonly timeoutSeconds?: number;
}

export interface Answer {
  readonly functionError: string | undefined;
  readonly text: string;
}

/** A start, as the server tells of it. */
export interface Start {
  readonly strategy: string;
  readonly reason?: string;
}

/** Creates a function whose versions get snapshots, and waits until `$LATEST` can be invoked. */
export async function createWithSnapStart(server: TestServer, input: PublishInput): Promise<void> {
  const { name, code } = input;
  await server.client.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Runtime: "nodejs22.x",
      Handler: input.handler ?? "index.handler",
      Role: "arn:aws:iam::000000000000:role/any",
      Code: { ZipFile: typeof code === "string" ? zipSync({ "index.mjs": strToU8(code) }) : code },
      MemorySize: input.memorySizeMb ?? 512,
      Timeout: input.timeoutSeconds ?? 30,
      Environment: { Variables: { ...input.environment } },
      SnapStart: { ApplyOn: "PublishedVersions" },
    }),
  );
  const { State, StateReason } = await settled(server, name, "$LATEST");
  if (State !== "Active") throw new Error(`"${name}" is ${State}: ${StateReason}`);
}

/** Publishes and waits until the version's snapshot is made or known to be impossible. */
export async function publish(server: TestServer, name: string): Promise<PublishedVersion> {
  const { Version = "" } = await server.client.send(new PublishVersionCommand({ FunctionName: name }));
  await settled(server, name, Version);
  return new PublishedVersion(server, name, Version);
}

export async function settled(
  server: TestServer,
  name: string,
  qualifier: string,
): Promise<GetFunctionConfigurationCommandOutput> {
  for (;;) {
    const configuration = await server.client.send(
      new GetFunctionConfigurationCommand({ FunctionName: name, Qualifier: qualifier }),
    );
    if (configuration.State !== "Pending") return configuration;
    await delay(25);
  }
}

export class PublishedVersion {
  readonly #server: TestServer;
  readonly name: string;
  readonly version: string;

  constructor(server: TestServer, name: string, version: string) {
    this.#server = server;
    this.name = name;
    this.version = version;
  }

  configuration(): Promise<GetFunctionConfigurationCommandOutput> {
    return this.#server.client.send(
      new GetFunctionConfigurationCommand({ FunctionName: this.name, Qualifier: this.version }),
    );
  }

  invoke(event: unknown = {}): Promise<Answer> {
    return invoke(this.#server, this.name, this.version, event);
  }

  snapshot(): Promise<SnapshotState> {
    return this.#ask("snapshot");
  }

  /** The last starts, the newest first. */
  async starts(): Promise<readonly Start[]> {
    return (await this.#ask<{ starts: readonly Start[] }>("starts")).starts;
  }

  async #ask<T>(what: string): Promise<T> {
    const route = `/_brisk/functions/${this.name}/${what}?qualifier=${this.version}`;
    const response = await fetch(`${this.#server.url}${route}`);
    if (!response.ok) throw new Error(`${route} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }
}

/** What the function answers, as it came over the wire: a stream's bytes are no JSON. */
export async function invoke(
  server: TestServer,
  name: string,
  qualifier: string,
  event: unknown,
): Promise<Answer> {
  const { Payload, FunctionError } = await server.client.send(
    new InvokeCommand({ FunctionName: name, Qualifier: qualifier, Payload: JSON.stringify(event) }),
  );
  return { functionError: FunctionError, text: Buffer.from(Payload ?? []).toString() };
}
