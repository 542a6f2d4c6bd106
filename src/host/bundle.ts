import { BundleMap } from "../model/bundle-map.ts";
import { bundleFilename } from "../model/guest-files.ts";
import { BundleCode } from "./bundle-code.ts";

/** Versions of one script whose bytecode is kept: a new configuration is a new version. */
const maxVersions = 8;

/** A function's script in this host, shared by all its environments. Its source map is parsed when first asked. */
export class LoadedBundle {
  static readonly filename = bundleFilename;
  readonly hash: string;
  readonly script: string;
  readonly #mapJson: Buffer;
  #map: BundleMap | undefined;
  readonly #codes = new Map<string, BundleCode>();

  constructor(hash: string, script: string, mapJson: Buffer) {
    this.hash = hash;
    this.script = script;
    this.#mapJson = mapJson;
  }

  /**
   * The script's bytecode, for environments of that version alone: who broke out of one could have forged it.
   * @param version Its VersionSpec's key.
   */
  code(version: string): BundleCode {
    let code = this.#codes.get(version);
    if (code === undefined) {
      code = new BundleCode();
      const [oldest] = this.#codes.keys();
      if (oldest !== undefined && this.#codes.size >= maxVersions) this.#codes.delete(oldest);
      this.#codes.set(version, code);
    }
    return code;
  }

  /** @param line From 1. @param column From 1, as V8 counts. */
  position(line: number, column: number): string | undefined {
    this.#map ??= new BundleMap(this.#mapJson.toString("utf8"));
    const found = this.#map.positionOf(line, column);
    return found && `${found.source}:${found.line}:${found.column}`;
  }
}
