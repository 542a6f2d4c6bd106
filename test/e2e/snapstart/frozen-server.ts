import { setTimeout as delay } from "node:timers/promises";
import type { DeployedFunction, DeployInput } from "brisk";
import { expect } from "vitest";
import type { StartRecord } from "../../../src/model/starts.ts";
import type { SnapshotState } from "../../../src/snapstart/index.ts";
import type { TestServer } from "../server.ts";

export type Ready = Extract<SnapshotState, { kind: "ready" }>;

/** What a server says of the snapshots of its functions, and cold starts of theirs. */
export class FrozenServer {
  readonly server: TestServer;

  constructor(server: TestServer) {
    this.server = server;
  }

  /** Deploys a `$LATEST` that starts from a snapshot, without waiting for it. */
  deploy(input: DeployInput): Promise<DeployedFunction> {
    return this.server.deploy({
      url: false,
      ...input,
      environment: { BRISK_START: "snapshot", ...input.environment },
    });
  }

  /** Deploys, and waits for the snapshot. @throws {Error} When there can be none. */
  async freeze(
    input: DeployInput & { name: string },
  ): Promise<DeployedFunction & { report: Ready["report"] }> {
    const deployed = await this.deploy(input);
    const state = await this.settled(input.name);
    if (state.kind !== "ready") throw new Error(`No snapshot of ${input.name}: ${JSON.stringify(state)}`);
    return Object.assign(deployed, { report: state.report });
  }

  async state(name: string, qualifier?: string): Promise<SnapshotState> {
    return (await this.#get(name, "snapshot", qualifier)) as SnapshotState;
  }

  /** Polls: a build has no event for its end. */
  async settled(name: string, qualifier?: string): Promise<SnapshotState> {
    for (;;) {
      const state = await this.state(name, qualifier);
      if (state.kind === "ready" || state.kind === "failed") return state;
      await delay(20);
    }
  }

  /** The newest first. */
  async starts(name: string, qualifier?: string): Promise<readonly StartRecord[]> {
    return ((await this.#get(name, "starts", qualifier)) as { starts: readonly StartRecord[] }).starts;
  }

  async endIdle(name: string, qualifier?: string): Promise<number> {
    return ((await this.#get(name, "environments", qualifier, "DELETE")) as { ended: number }).ended;
  }

  /** Invokes in an environment that is made for it, and must have been restored. */
  async restored(name: string, event: unknown = {}, qualifier?: string): Promise<unknown> {
    const { length } = await this.starts(name, qualifier);
    await this.endIdle(name, qualifier);
    const answer = await this.server.runtime.invoke(
      name,
      event,
      qualifier === undefined ? {} : { qualifier },
    );
    const starts = await this.starts(name, qualifier);
    expect([starts.length, starts[0]?.strategy, starts[0]?.reason]).toEqual([
      Math.min(50, length + 1),
      "snapshot",
      undefined,
    ]);
    return answer;
  }

  /** Its lines, oldest first. */
  async log(name: string): Promise<string> {
    const response = await fetch(`${this.server.url}/_brisk/logs/${name}`);
    const lines = (await response.text()).split("\n").filter((line) => line !== "");
    return lines.map((line) => (JSON.parse(line) as { text: string }).text).join("\n");
  }

  async #get(name: string, what: string, qualifier = "$LATEST", method = "GET"): Promise<unknown> {
    const query = `qualifier=${encodeURIComponent(qualifier)}`;
    const response = await fetch(`${this.server.url}/_brisk/functions/${name}/${what}?${query}`, { method });
    return response.json();
  }
}
