import { versions } from "../../node/internal/process-facts.ts";
import { requireInternal } from "../../registry.ts";
import { asInterface } from "../interface.ts";
import { illegalConstructor, invalidThis } from "./argument-errors.ts";

const secret = Symbol("navigator");
const languages: readonly string[] = Object.freeze(["en-US"]);
const [major] = versions.node.split(".");
let check: (value: unknown) => void;

/** Only what does not depend on the machine: a snapshot of it must be true wherever it is restored. */
export class Navigator {
  static {
    check = (value) => {
      if (typeof value !== "object" || value === null || !(#brand in value)) throw invalidThis("Navigator");
    };
  }
  readonly #brand = true;

  constructor(...args: unknown[]) {
    if (args[0] !== secret) throw illegalConstructor();
  }
  get hardwareConcurrency(): number {
    check(this);
    return 1;
  }
  get language(): string {
    check(this);
    return languages[0]!;
  }
  get languages(): readonly string[] {
    check(this);
    return languages;
  }
  get userAgent(): string {
    check(this);
    return `Node.js/${major}`;
  }
  get locks(): object {
    check(this);
    return (requireInternal("library:internal/locks") as { locks: object }).locks;
  }
  get platform(): string {
    check(this);
    return "Linux x86_64";
  }
}

asInterface(Navigator, "Navigator");

export const navigator = new Navigator(secret);
