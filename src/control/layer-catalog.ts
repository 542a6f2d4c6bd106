import type { Change, Json, Store } from "../store/index.ts";
import type { LayerEntry, LayerRecord, LayerVersionRecord } from "./layer-records.ts";

/** Sets records, or removes a version. */
export type LayerEdit =
  | { readonly layer: LayerRecord }
  | { readonly layerVersion: LayerVersionRecord; readonly remove?: true };

/** Told of each version that came, changed (both are given) or went, after it is on disk. */
export type LayerListener = (
  before: LayerVersionRecord | undefined,
  after: LayerVersionRecord | undefined,
) => void;

interface MutableEntry extends LayerEntry {
  record: LayerRecord;
  readonly versions: Map<number, LayerVersionRecord>;
}

/** All layers, in memory; written first, as the catalog of functions is. Functions keep what they need of a layer themselves. */
export class LayerCatalog {
  readonly #store: Store;
  readonly #layers = new Map<string, MutableEntry>();
  readonly #onVersion: LayerListener;

  constructor(store: Store, onVersion: LayerListener) {
    this.#store = store;
    this.#onVersion = onVersion;
  }

  async load(): Promise<void> {
    // Written by `commit` below, and by nothing else.
    for (const { value } of await this.#store.list("layer")) {
      this.#apply({ layer: value as unknown as LayerRecord });
    }
    for (const { value } of await this.#store.list("layerVersion")) {
      this.#apply({ layerVersion: value as unknown as LayerVersionRecord });
    }
  }

  get(name: string): LayerEntry | undefined {
    return this.#layers.get(name);
  }

  entries(): Iterable<LayerEntry> {
    return this.#layers.values();
  }

  /** All edits or none; resolves when they are on disk and visible. One change of a layer at a time. */
  async commit(edits: readonly LayerEdit[]): Promise<void> {
    await this.#store.write(edits.map(toChange));
    for (const edit of edits) this.#apply(edit);
  }

  #apply(edit: LayerEdit): void {
    if ("layer" in edit) {
      const entry = this.#layers.get(edit.layer.name);
      if (entry === undefined) this.#layers.set(edit.layer.name, { record: edit.layer, versions: new Map() });
      else entry.record = edit.layer;
      return;
    }
    const { layerName, version } = edit.layerVersion;
    const versions = this.#layers.get(layerName)?.versions;
    if (versions === undefined)
      throw new Error(`A version belongs to the layer "${layerName}", which is not there`);
    const before = versions.get(version);
    if (edit.remove) versions.delete(version);
    else versions.set(version, edit.layerVersion);
    this.#onVersion(before, edit.remove ? undefined : edit.layerVersion);
  }
}

function toChange(edit: LayerEdit): Change {
  if ("layer" in edit) return { kind: "layer", key: edit.layer.name, value: edit.layer as unknown as Json };
  const { layerVersion } = edit;
  const key = `${layerVersion.layerName}:${layerVersion.version}`;
  if (edit.remove) return { kind: "layerVersion", key };
  return { kind: "layerVersion", key, value: layerVersion as unknown as Json };
}
