import type { Change, Json, Store } from "../store/index.ts";
import type { EventSourceMappingRecord } from "./event-source-mapping-record.ts";
import type {
  AliasRecord,
  CodeSigningRecord,
  FunctionEntry,
  FunctionRecord,
  FunctionUrlRecord,
  PolicyRecord,
  VersionRecord,
} from "./records.ts";
import { type SettingKind, type SettingRecords, settingKinds } from "./setting-records.ts";
import { SortedNames } from "./sorted-names.ts";

/** The records by kind. */
interface Records extends SettingRecords {
  readonly function: FunctionRecord;
  readonly version: VersionRecord;
  readonly alias: AliasRecord;
  readonly policy: PolicyRecord;
  readonly url: FunctionUrlRecord;
  readonly codeSigning: CodeSigningRecord;
  readonly eventSourceMapping: EventSourceMappingRecord;
}

/** Sets a record, or removes the one that has its key. */
export type Edit = {
  [K in keyof Records]: { readonly [P in K]: Records[K] } & { readonly remove?: true };
}[keyof Records];

/** Told of each version that came, changed (both are given) or went, after it is on disk. */
export type VersionListener = (before: VersionRecord | undefined, after: VersionRecord | undefined) => void;

interface MutableEntry extends FunctionEntry {
  record: FunctionRecord;
  readonly versions: Map<string, VersionRecord>;
  readonly aliases: Map<string, AliasRecord>;
  readonly policies: Map<string, PolicyRecord>;
  readonly urls: Map<string, FunctionUrlRecord>;
  readonly settings: { readonly [K in SettingKind]: Map<string, SettingRecords[K]> };
}

const kinds = [
  "function",
  "version",
  "alias",
  "policy",
  "url",
  "codeSigning",
  "eventSourceMapping",
  ...settingKinds,
] as const;

/**
 * All functions, in memory. The store is written first and memory follows, so that what is read here has been
 * acknowledged, and reading costs no I/O.
 */
export class Catalog {
  readonly #store: Store;
  readonly #functions = new Map<string, MutableEntry>();
  /** Of the functions, ascending: a page of a list costs no more when there are many. */
  readonly #names = new SortedNames();
  readonly #urls = new Map<string, FunctionUrlRecord>();
  readonly #codeSigning = new Map<string, CodeSigningRecord>();
  readonly #eventSourceMappings = new Map<string, EventSourceMappingRecord>();
  /** The end of the queue of each function that has one. */
  readonly #queues = new Map<string, Promise<unknown>>();
  readonly #onVersion: VersionListener;
  readonly #onFunction: (name: string) => void;

  /** @param onFunction Called with the name of each function of which anything changed. */
  constructor(store: Store, onVersion: VersionListener, onFunction: (name: string) => void) {
    this.#store = store;
    this.#onVersion = onVersion;
    this.#onFunction = onFunction;
  }

  async load(): Promise<void> {
    for (const kind of kinds) {
      for (const { value } of await this.#store.list(kind)) {
        // Written by `commit` below, and by nothing else.
        this.#apply({ [kind]: value } as unknown as Edit);
      }
    }
  }

  get(name: string): FunctionEntry | undefined {
    return this.#functions.get(name);
  }

  /** By name. */
  list(): readonly FunctionEntry[] {
    return [...this.from("")];
  }

  /** By name, from this one on, or where it would be. Whoever stops early pays for no more. */
  *from(name: string): Generator<FunctionEntry, void> {
    for (const found of this.#names.from(name)) {
      const entry = this.#functions.get(found);
      if (entry !== undefined) yield entry;
    }
  }

  /** In no order, for sums. */
  entries(): Iterable<FunctionEntry> {
    return this.#functions.values();
  }

  get size(): number {
    return this.#functions.size;
  }

  url(urlId: string): FunctionUrlRecord | undefined {
    return this.#urls.get(urlId);
  }

  codeSigning(arn: string): CodeSigningRecord | undefined {
    return this.#codeSigning.get(arn);
  }

  codeSigningConfigs(): Iterable<CodeSigningRecord> {
    return this.#codeSigning.values();
  }

  eventSourceMapping(uuid: string): EventSourceMappingRecord | undefined {
    return this.#eventSourceMappings.get(uuid);
  }

  eventSourceMappings(): Iterable<EventSourceMappingRecord> {
    return this.#eventSourceMappings.values();
  }

  /**
   * Runs one change of a function at a time: what it read stays true until it commits. What is no function's has a
   * queue under a name that no function can have; its queue is entered first, so that none waits for the other.
   */
  async exclusive<T>(name: string, change: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(name) ?? Promise.resolve();
    const run = before.then(change, change);
    this.#queues.set(name, run);
    try {
      return await run;
    } finally {
      if (this.#queues.get(name) === run) this.#queues.delete(name);
    }
  }

  /** All edits or none; resolves when they are on disk and visible. Only from within `exclusive`. */
  async commit(edits: readonly Edit[]): Promise<void> {
    await this.#store.write(edits.map(toChange));
    const touched = new Set(edits.map((edit) => this.#apply(edit)));
    for (const name of touched) if (name !== undefined) this.#onFunction(name);
  }

  /** Edits that remove a function with everything of it. */
  static removal(entry: FunctionEntry): Edit[] {
    return [
      ...[...entry.urls.values()].map((url): Edit => ({ url, remove: true })),
      ...settingKinds.flatMap((kind) =>
        [...entry.settings[kind].values()].map((record) => settingRemoval(kind, record)),
      ),
      ...[...entry.policies.values()].map((policy): Edit => ({ policy, remove: true })),
      ...[...entry.aliases.values()].map((alias): Edit => ({ alias, remove: true })),
      ...[...entry.versions.values()].map((version): Edit => ({ version, remove: true })),
      { function: entry.record, remove: true },
    ];
  }

  /** Edits that remove what hangs on a version or alias that goes, its function URL excepted. */
  static removalOfQualifier(entry: FunctionEntry, qualifier: string): Edit[] {
    const policy = entry.policies.get(qualifier);
    return [
      ...(policy === undefined ? [] : [{ policy, remove: true } as const]),
      ...settingKinds.flatMap((kind) => {
        const record = entry.settings[kind].get(qualifier);
        return record === undefined ? [] : [settingRemoval(kind, record)];
      }),
    ];
  }

  /** @returns The name of the function that it touched, if it is a function's. */
  #apply(edit: Edit): string | undefined {
    const removed = edit.remove === true;
    if ("function" in edit) {
      const { name } = edit.function;
      const entry = this.#functions.get(name);
      if (removed) {
        this.#functions.delete(name);
        this.#names.delete(name);
      } else if (entry !== undefined) entry.record = edit.function;
      else {
        const record = edit.function;
        const maps = { versions: new Map(), aliases: new Map(), policies: new Map(), urls: new Map() };
        const settings = { provisioned: new Map(), eventInvoke: new Map(), runtimeManagement: new Map() };
        this.#functions.set(name, { record, ...maps, settings });
        this.#names.add(name);
      }
      return name;
    }
    if ("version" in edit) {
      const { functionName, version } = edit.version;
      const { versions } = this.#entry(functionName);
      const before = versions.get(version);
      put(versions, version, edit.version, removed);
      this.#onVersion(before, removed ? undefined : edit.version);
      return functionName;
    }
    if ("alias" in edit) {
      const { functionName, name } = edit.alias;
      put(this.#entry(functionName).aliases, name, edit.alias, removed);
      return functionName;
    }
    if ("policy" in edit) {
      const { functionName, qualifier } = edit.policy;
      put(this.#entry(functionName).policies, qualifier ?? "", edit.policy, removed);
      return functionName;
    }
    if ("url" in edit) {
      const { functionName, alias, urlId } = edit.url;
      put(this.#entry(functionName).urls, alias ?? "", edit.url, removed);
      put(this.#urls, urlId, edit.url, removed);
      return functionName;
    }
    if ("codeSigning" in edit) {
      put(this.#codeSigning, edit.codeSigning.arn, edit.codeSigning, removed);
      return undefined;
    }
    if ("eventSourceMapping" in edit) {
      const { uuid } = edit.eventSourceMapping;
      put(this.#eventSourceMappings, uuid, edit.eventSourceMapping, removed);
      // Its function may be gone, and does not change with it.
      return undefined;
    }
    const { kind, record } = settingOf(edit);
    const settings = this.#entry(record.functionName).settings[kind] as Map<string, typeof record>;
    put(settings, record.qualifier, record, removed);
    return record.functionName;
  }

  #entry(name: string): MutableEntry {
    const entry = this.#functions.get(name);
    if (entry === undefined)
      throw new Error(`A record belongs to the function "${name}", which is not there`);
    return entry;
  }
}

function put<T>(map: Map<string, T>, key: string, value: T, removed: boolean): void {
  if (removed) map.delete(key);
  else map.set(key, value);
}

type SettingEdit = { [K in SettingKind]: { readonly [P in K]: SettingRecords[K] } }[SettingKind];

function settingOf(edit: SettingEdit): { kind: SettingKind; record: SettingRecords[SettingKind] } {
  if ("provisioned" in edit) return { kind: "provisioned", record: edit.provisioned };
  if ("eventInvoke" in edit) return { kind: "eventInvoke", record: edit.eventInvoke };
  return { kind: "runtimeManagement", record: edit.runtimeManagement };
}

/** Removes a setting. */
function settingRemoval(kind: SettingKind, record: SettingRecords[SettingKind]): Edit {
  return { [kind]: record, remove: true } as unknown as Edit;
}

function toChange(edit: Edit): Change {
  if ("function" in edit) return change(edit, "function", edit.function.name, edit.function);
  if ("version" in edit) {
    const { functionName, version } = edit.version;
    return change(edit, "version", `${functionName}:${version}`, edit.version);
  }
  if ("alias" in edit) {
    const { functionName, name } = edit.alias;
    return change(edit, "alias", `${functionName}:${name}`, edit.alias);
  }
  if ("policy" in edit) {
    const { functionName, qualifier = "" } = edit.policy;
    return change(edit, "policy", `${functionName}:${qualifier}`, edit.policy);
  }
  if ("url" in edit) return change(edit, "url", edit.url.urlId, edit.url);
  if ("codeSigning" in edit) return change(edit, "codeSigning", edit.codeSigning.arn, edit.codeSigning);
  if ("eventSourceMapping" in edit) {
    return change(edit, "eventSourceMapping", edit.eventSourceMapping.uuid, edit.eventSourceMapping);
  }
  const { kind, record } = settingOf(edit);
  return change(edit, kind, `${record.functionName}:${record.qualifier}`, record);
}

function change({ remove }: Edit, kind: string, key: string, record: object): Change {
  return remove === true ? { kind, key } : { kind, key, value: record as unknown as Json };
}
