import { randomUUID } from "node:crypto";
import {
  InvalidParameterValueException,
  ResourceConflictException,
  ResourceInUseException,
  ResourceNotFoundException,
} from "../model/errors.ts";
import { functionArn } from "../model/function-arn.ts";
import type { Edit } from "./catalog.ts";
import { checkTags } from "./configuration-rules.ts";
import type { Control } from "./control.ts";
import { checkFilters } from "./event-source-filters.ts";
import {
  type EventSourceMappingRecord,
  eventSourceMappingArn,
  type MappingSettings,
  type MappingState,
  mappingState,
} from "./event-source-mapping-record.ts";
import {
  checkMembers,
  checkSettings,
  isSameSource,
  type SourceKind,
  sourceKind,
  sourceRules,
} from "./event-source-mapping-rules.ts";
import { changedSettings, newSettings } from "./event-source-mapping-settings.ts";
import { latest } from "./records.ts";
import { requireNoTenants } from "./tenants.ts";

type Given<T> = { readonly [K in keyof T]?: T[K] | undefined };

export interface CreateEventSourceMappingInput extends Given<MappingSettings> {
  readonly FunctionName: string;
  readonly Enabled?: boolean | undefined;
  readonly Tags?: Readonly<Record<string, string>> | undefined;
}

export interface UpdateEventSourceMappingInput extends Given<MappingSettings> {
  readonly UUID: string;
  readonly FunctionName?: string | undefined;
  readonly Enabled?: boolean | undefined;
}

/** A mapping as it is at this moment. */
export interface EventSourceMappingView {
  readonly record: EventSourceMappingRecord;
  readonly state: MappingState;
  /** Why it is in this state, in AWS's words for its source. */
  readonly reason: string;
  /** What became of the last records, in AWS's words where these are true here. */
  readonly lastResult: string | undefined;
}

interface MappedFunction {
  readonly functionName: string;
  readonly qualifier?: string;
}

/** On AWS it is seconds. Nothing has to be started here, so that this is only long enough to be seen. */
const changeMs = 500;
/** Two mappings must not come to the same source and function: their changes are looked at one after the other. */
const mappingsQueue = "event source mappings";

/** Which functions are to be invoked with what comes from queues and streams. Kept here; nothing polls yet. */
export class EventSourceMappings {
  readonly #control: Control;

  constructor(control: Control) {
    this.#control = control;
  }

  async create(input: CreateEventSourceMappingInput): Promise<EventSourceMappingView> {
    const { FunctionName, Enabled = true, Tags = {}, ...members } = input;
    const { catalog, clock } = this.#control;
    const given = settingsOf(members);
    const kind = sourceKind(given);
    const uuid = randomUUID();
    const settings = newSettings(kind, given, uuid);
    this.#check(kind, given, settings);
    checkTags(Tags);
    return catalog.exclusive(mappingsQueue, async () => {
      const nowMs = clock.now();
      const target = this.#function(FunctionName);
      this.#requireNew(kind, settings, target, uuid);
      const eventSourceMapping: EventSourceMappingRecord = {
        uuid,
        ...target,
        enabled: Enabled,
        // Recorded: one that is not to be enabled is there at once.
        ...(Enabled && { change: { state: "Creating", endMs: nowMs + changeMs } }),
        settings,
        tags: Tags,
        lastModifiedMs: nowMs,
      };
      await catalog.commit([...this.#removalOfGone(nowMs), { eventSourceMapping }]);
      return this.#view(eventSourceMapping, nowMs);
    });
  }

  get(uuid: string): EventSourceMappingView {
    const nowMs = this.#control.clock.now();
    return this.#view(this.#require(uuid, nowMs), nowMs);
  }

  /** @returns The name of the function that it is of; undefined when there is no such mapping. */
  functionOf(uuid: string): string | undefined {
    return this.#find(uuid, this.#control.clock.now())?.functionName;
  }

  /**
   * By UUID. Recorded: a function that is not there is no error.
   * @param filter.FunctionName With a qualifier or without, as the mappings were created.
   */
  list(filter: {
    readonly EventSourceArn?: string | undefined;
    readonly FunctionName?: string | undefined;
  }): readonly EventSourceMappingView[] {
    const { catalog, clock } = this.#control;
    const nowMs = clock.now();
    const wanted =
      filter.FunctionName === undefined ? undefined : this.#control.reference(filter.FunctionName);
    return [...catalog.eventSourceMappings()]
      .filter(
        (record) =>
          mappingState(record, nowMs) !== undefined &&
          (filter.EventSourceArn === undefined || record.settings.EventSourceArn === filter.EventSourceArn) &&
          (wanted === undefined ||
            (record.functionName === wanted.name && record.qualifier === wanted.qualifier)),
      )
      .sort((a, b) => (a.uuid < b.uuid ? -1 : 1))
      .map((record) => this.#view(record, nowMs));
  }

  /** What is not given stays; a given structure replaces the whole. */
  async update(input: UpdateEventSourceMappingInput): Promise<EventSourceMappingView> {
    const { UUID, FunctionName, Enabled, ...members } = input;
    const { catalog, clock } = this.#control;
    const given = settingsOf(members);
    return catalog.exclusive(mappingsQueue, async () => {
      const nowMs = clock.now();
      const before = this.#requireIdle(UUID, nowMs, "update");
      const kind = sourceKind(before.settings);
      const settings = changedSettings(before.settings, given);
      this.#check(kind, given, settings);
      const { functionName, qualifier } = before;
      const target =
        FunctionName === undefined
          ? { functionName, ...(qualifier !== undefined && { qualifier }) }
          : this.#function(FunctionName);
      this.#requireNew(kind, settings, target, before.uuid);
      const enabled = Enabled ?? before.enabled;
      const state = enabled === before.enabled ? "Updating" : enabled ? "Enabling" : "Disabling";
      const eventSourceMapping: EventSourceMappingRecord = {
        uuid: before.uuid,
        ...target,
        enabled,
        change: { state, endMs: nowMs + changeMs },
        settings,
        tags: before.tags,
        lastModifiedMs: nowMs,
      };
      await catalog.commit([{ eventSourceMapping }]);
      return this.#view(eventSourceMapping, nowMs);
    });
  }

  async delete(uuid: string): Promise<EventSourceMappingView> {
    const { catalog, clock } = this.#control;
    return catalog.exclusive(mappingsQueue, async () => {
      const nowMs = clock.now();
      const before = this.#requireIdle(uuid, nowMs, "delete");
      const change = { state: "Deleting", endMs: nowMs + changeMs } as const;
      const eventSourceMapping = { ...before, change };
      await catalog.commit([...this.#removalOfGone(nowMs), { eventSourceMapping }]);
      return this.#view(eventSourceMapping, nowMs);
    });
  }

  /** @throws {ResourceNotFoundException} In the words that the operations of tags have for it. */
  tags(arn: string): Readonly<Record<string, string>> {
    return this.#byArn(arn).tags;
  }

  async changeTags(
    arn: string,
    change: (before: Readonly<Record<string, string>>) => Readonly<Record<string, string>>,
  ): Promise<void> {
    const { catalog } = this.#control;
    await catalog.exclusive(mappingsQueue, async () => {
      const before = this.#byArn(arn);
      const tags = change(before.tags);
      checkTags(tags);
      await catalog.commit([{ eventSourceMapping: { ...before, tags } }]);
    });
  }

  #byArn(arn: string): EventSourceMappingRecord {
    const uuid = arn.slice(arn.lastIndexOf(":") + 1);
    const record = this.#find(uuid, this.#control.clock.now());
    if (record !== undefined && arn === eventSourceMappingArn(this.#control.scope, uuid)) return record;
    throw new ResourceNotFoundException(`Event source mapping not found: ${arn}`);
  }

  #check(kind: SourceKind, given: MappingSettings, settings: MappingSettings): void {
    checkMembers(kind, given);
    checkSettings(kind, settings, this.#control.clock.now());
    checkFilters(settings.FilterCriteria?.Filters ?? []);
  }

  #function(nameOrArn: string): MappedFunction {
    const { name, qualifier } = this.#control.reference(nameOrArn);
    const entry = this.#control.catalog.get(name);
    const version = qualifier ?? latest;
    if (entry?.versions.has(version) || entry?.aliases.has(version)) {
      requireNoTenants(entry, "An event source mapping");
      return { functionName: name, ...(qualifier !== undefined && { qualifier }) };
    }
    throw new InvalidParameterValueException("Function does not exist");
  }

  #requireNew(kind: SourceKind, settings: MappingSettings, target: MappedFunction, uuid: string): void {
    const { catalog, clock, scope } = this.#control;
    const nowMs = clock.now();
    for (const other of catalog.eventSourceMappings()) {
      if (other.uuid === uuid || mappingState(other, nowMs) === undefined) continue;
      if (other.functionName !== target.functionName || other.qualifier !== target.qualifier) continue;
      if (!isSameSource(other.settings, settings)) continue;
      const { functionName, qualifier } = target;
      // Lambda's own spaces and quotes.
      const [first, second] =
        kind === "selfManagedKafka"
          ? [
              `An event source mapping with event source ("${settings.SelfManagedEventSource?.Endpoints?.KAFKA_BOOTSTRAP_SERVERS?.join(",")}"), function ("${functionArn(scope, functionName, qualifier)}"), topics ("${settings.Topics?.join(",")}")`,
              "already exists",
            ]
          : kind === "queue" || kind === "fifoQueue"
            ? [
                `An event source mapping with SQS arn (" ${settings.EventSourceArn} ") and function (" ${functionName} ")`,
                "already exists",
              ]
            : [
                `The event source arn (" ${settings.EventSourceArn} ") and function (" ${functionName} ")`,
                "provided mapping already exists",
              ];
      throw new ResourceConflictException(
        `${first} ${second}. Please update or delete the existing mapping with UUID ${other.uuid}`,
      );
    }
  }

  #find(uuid: string, nowMs: number): EventSourceMappingRecord | undefined {
    const record = this.#control.catalog.eventSourceMapping(uuid.toLowerCase());
    return record === undefined || mappingState(record, nowMs) === undefined ? undefined : record;
  }

  #require(uuid: string, nowMs: number): EventSourceMappingRecord {
    const record = this.#find(uuid, nowMs);
    if (record !== undefined) return record;
    throw new ResourceNotFoundException("The resource you requested does not exist.");
  }

  /** @throws {ResourceInUseException} Another change is under way. */
  #requireIdle(uuid: string, nowMs: number, verb: "update" | "delete"): EventSourceMappingRecord {
    const record = this.#require(uuid, nowMs);
    const state = mappingState(record, nowMs);
    if (state === "Enabled" || state === "Disabled") return record;
    throw new ResourceInUseException(`Cannot ${verb} the event source mapping because it is in use.`);
  }

  /** Deletions that are over. They go when something else is written: reads do not see them any more. */
  #removalOfGone(nowMs: number): Edit[] {
    return [...this.#control.catalog.eventSourceMappings()]
      .filter((record) => mappingState(record, nowMs) === undefined)
      .map((eventSourceMapping) => ({ eventSourceMapping, remove: true }));
  }

  #view(record: EventSourceMappingRecord, nowMs: number): EventSourceMappingView {
    const kind = sourceKind(record.settings);
    const state = mappingState(record, nowMs) ?? "Deleting";
    const lastResult =
      state === "Enabled" ? notPolled : kind === "queue" || kind === "fifoQueue" ? undefined : noRecords;
    return { record, state, reason: sourceRules[kind].reason, lastResult };
  }
}

const noRecords = "No records processed";
const notPolled = `${noRecords}: Brisk keeps this mapping, but does not poll event sources yet`;

/** Without what is undefined, at any depth: a record is the same before and after it was on the disk. */
function settingsOf(members: Given<MappingSettings>): MappingSettings {
  return JSON.parse(JSON.stringify(members)) as MappingSettings;
}
