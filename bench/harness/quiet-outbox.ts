import type { EnvironmentParts } from "../../src/host/environment-parts.ts";

type Outbox = EnvironmentParts["outbox"];

/** Where an environment that runs without a supervisor says what it has to say: failures are thrown, the rest is as given. */
export function quietOutbox(said: Partial<Outbox> = {}): Outbox {
  const fail = (detail: string) => {
    throw new Error(`The environment failed: ${detail}`);
  };
  return {
    operation: () => {},
    opened: () => {},
    openFailed: (_failure, detail) => fail(detail),
    closed: () => {},
    failure: (_invocation, _measures, _failure, _lives, detail) => fail(detail),
    result: () => {},
    streamHead: () => {},
    streamChunk: () => {},
    streamEnd: () => {},
    log: () => {},
    ...said,
  };
}
