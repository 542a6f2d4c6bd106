import { type Policy, readPolicy } from "../model/policy/index.ts";
import type { PolicyStatement } from "../model/resource-policy.ts";
import type { Catalog } from "./catalog.ts";
import type { LayerCatalog } from "./layer-catalog.ts";

const functionForm = /^arn:[^:]+:lambda:[^:]*:[^:]*:function:([^:]+)(?::([^:]+))?$/;
const layerForm = /^arn:[^:]+:lambda:[^:]*:[^:]*:layer:([^:]+):(\d+)$/;

/** The policies that resources have, read for whoever decides by them. */
export class ResourcePolicies {
  readonly #catalog: () => Catalog;
  readonly #layers: () => LayerCatalog;
  /** Each is read when it is first asked for; a change makes another record. */
  readonly #read = new WeakMap<{ readonly statements: readonly PolicyStatement[] }, Policy>();

  constructor(catalog: () => Catalog, layers: () => LayerCatalog) {
    this.#catalog = catalog;
    this.#layers = layers;
  }

  /** Of the function, version, alias or layer version of this ARN; undefined where there is none. */
  find(arn: string): Policy | undefined {
    const [, layer = "", version] = layerForm.exec(arn) ?? [];
    if (version !== undefined) {
      return this.of(this.#layers().get(layer)?.versions.get(Number(version))?.policy);
    }
    const [, name = "", qualifier = ""] = functionForm.exec(arn) ?? [];
    return this.of(this.#catalog().get(name)?.policies.get(qualifier));
  }

  of(record: { readonly statements: readonly PolicyStatement[] } | undefined): Policy | undefined {
    if (record === undefined) return undefined;
    let policy = this.#read.get(record);
    if (policy === undefined) {
      policy = readPolicy({ Version: "2012-10-17", Statement: record.statements }, "resource");
      this.#read.set(record, policy);
    }
    return policy;
  }
}
