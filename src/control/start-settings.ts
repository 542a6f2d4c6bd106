import { InvalidParameterValueException } from "../model/errors.ts";
import type { StartStrategy } from "../model/version.ts";
import { type Configuration, latest } from "./records.ts";

// Settings of a function that Lambda has no member for are variables of it.
const startVariable = "BRISK_START";
const warmUpVariable = "BRISK_WARMUP_EVENTS";
const primingVariable = "BRISK_PRIMING";

const strategies: ReadonlySet<string> = new Set<StartStrategy>(["init", "code-cache", "snapshot"]);
const mostWarmUpEvents = 16;

/** What the server is told of starts (see `Config`). */
export interface StartDefaults {
  readonly snapstart: "published" | "auto" | "off";
  readonly startStrategy: "init" | "code-cache";
}

/** What a function's configuration says of how its environments start. */
export interface StartSettings {
  readonly start: StartStrategy;
  readonly warmUpEvents: readonly string[] | undefined;
  readonly isPrimed: boolean;
}

/**
 * The function's own BRISK_START goes first, then SnapStart for published versions, then what the server says. A
 * server that makes no snapshots has its own strategy wherever one would be wanted. A function that keeps its tenants
 * apart has none either: its warm-up would be some tenant's events, and AWS has no SnapStart for it.
 */
export function startSettings(
  version: string,
  configuration: Pick<Configuration, "snapStart" | "environmentVariables" | "tenantIsolation">,
  server: StartDefaults,
): StartSettings {
  const variables = configuration.environmentVariables ?? {};
  const own = variables[startVariable];
  const isAsked = configuration.snapStart === "PublishedVersions" && version !== latest;
  const isGiven = isAsked || server.snapstart === "auto";
  const hasSnapshots = server.snapstart !== "off" && configuration.tenantIsolation === undefined;
  const wanted = isStrategy(own) ? own : isGiven ? "snapshot" : server.startStrategy;
  return {
    start: wanted === "snapshot" && !hasSnapshots ? server.startStrategy : wanted,
    warmUpEvents: parseEvents(variables[warmUpVariable]),
    isPrimed: variables[primingVariable] === "1",
  };
}

/** @throws {InvalidParameterValueException} A variable that says how environments start, and doesn't. */
export function checkStartVariables(variables: Readonly<Record<string, string>>): void {
  const { [startVariable]: start, [warmUpVariable]: events, [primingVariable]: priming } = variables;
  if (start !== undefined && !isStrategy(start)) {
    throw refusal(startVariable, start, "it is one of init, code-cache and snapshot");
  }
  if (events !== undefined && parseEvents(events) === undefined) {
    throw refusal(
      warmUpVariable,
      events,
      `it is a JSON array of at most ${mostWarmUpEvents} events, such as [{"path":"/"}]`,
    );
  }
  if (priming !== undefined && priming !== "0" && priming !== "1") {
    throw refusal(primingVariable, priming, "it is 1 or 0");
  }
}

function isStrategy(text: string | undefined): text is StartStrategy {
  return text !== undefined && strategies.has(text);
}

/** JSON texts, one an event; undefined for what is no array of them. */
function parseEvents(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  let events: unknown;
  try {
    events = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(events) || events.length > mostWarmUpEvents) return undefined;
  return events.map((event) => JSON.stringify(event));
}

function refusal(name: string, value: string, what: string): InvalidParameterValueException {
  return new InvalidParameterValueException(
    `Cannot use the environment variable ${name}="${value.slice(0, 40)}": ${what}`,
  );
}
