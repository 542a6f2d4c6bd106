import { nodeError } from "../loader-errors.ts";
import type { EsmAccess, EsmText, ModuleHost } from "../module.ts";
import { contextCells } from "./context-cells.ts";

type Getters = Record<string, () => unknown>;
/** Stops once, when its exports are there. */
type Body = Iterator<undefined> | AsyncIterator<undefined>;
type Dependency =
  | { readonly record: EsModule }
  | { readonly access: EsmAccess; readonly isAsync: boolean }
  | { readonly target: string };

/**
 *     new ──► linked ──► evaluating ──► evaluated      its own first import moves it; the error that it ends with is kept
 *     A module that is being evaluated while one that it imports asks for it goes on where it is: they import each other.
 */
interface EsModule {
  readonly path: string;
  readonly text: EsmText;
  readonly namespace: object;
  /** Its own exports, as its code gives them. */
  readonly getters: Getters;
  /** What its code sees: the namespaces that it imports, by number, and its own affairs. */
  readonly scope: Record<string, unknown>;
  dependencies: readonly Dependency[];
  body: Body | undefined;
  state: "new" | "linked" | "evaluating" | "evaluated";
  /** While something in it, or in what it imports, is awaited, and afterwards. */
  pending: Promise<void> | undefined;
  failure: { readonly reason: unknown } | undefined;
}

/** ES modules that are in no bundle, as ECMAScript puts them together: linked, evaluated once, bound live. */
export class EsModules {
  readonly #host: ModuleHost;
  readonly #modules = new Map<string, EsModule>();

  constructor(host: ModuleHost) {
    this.#host = host;
  }

  add(path: string, text: EsmText): EsmAccess {
    const module = this.#create(path, text);
    this.#modules.set(path, module);
    return {
      // Not async: a native await would lose the async context.
      import: () =>
        new Promise((resolve) => {
          this.#link(module);
          const pending = this.#evaluate(module);
          resolve(pending === undefined ? module.namespace : pending.then(() => module.namespace));
        }),
      require: () => {
        this.#link(module);
        if (this.#awaits(module, new Set())) {
          throw nodeError(
            "ERR_REQUIRE_ASYNC_MODULE",
            `require() cannot be used on an ESM graph with top-level await. Use import() instead of require() for ${path}`,
          );
        }
        this.#evaluate(module);
        return module.namespace;
      },
    };
  }

  #create(path: string, text: EsmText): EsModule {
    const namespace: object = Object.defineProperty(Object.create(null), Symbol.toStringTag, {
      value: "Module",
    });
    const host = this.#host;
    const getters: Getters = Object.create(null);
    let meta: object | undefined;
    const scope = {
      ...contextCells,
      provide: (own: Getters) => void Object.assign(getters, own),
      import: (specifier: unknown) => host.import(path, specifier),
      get meta() {
        meta ??= host.meta(path);
        return meta;
      },
    };
    return {
      path,
      text,
      namespace,
      getters,
      scope,
      dependencies: [],
      body: undefined,
      state: "new",
      pending: undefined,
      failure: undefined,
    };
  }

  /** Finds what it imports, and gives it its exports. */
  #link(module: EsModule): void {
    if (module.state !== "new") return;
    module.state = "linked";
    try {
      module.dependencies = module.text.requests.map((specifier) => this.#find(specifier, module.path));
      for (const [index, dependency] of module.dependencies.entries()) {
        if (!("record" in dependency)) continue;
        this.#link(dependency.record);
        module.scope[index] = dependency.record.namespace;
      }
      module.body ??= module.text.run(module.scope)();
      // Up to where its exports are.
      void module.body.next();
      this.#exportStars(module);
    } catch (error) {
      // Who asks again may find what was missing.
      module.state = "new";
      module.body = undefined;
      throw error;
    }
  }

  #find(specifier: string, importer: string): Dependency {
    const target = this.#host.find(specifier, importer);
    const access = this.#host.access(target);
    const record = this.#modules.get(target);
    if (record !== undefined) return { record };
    return access === undefined ? { target } : { access, isAsync: this.#host.isAsync(target) };
  }

  /** Adds what is known now; of what is no ES module of ours, `export * from` knows the names when it has been evaluated. */
  #exportStars({ text, scope, namespace, getters }: EsModule): void {
    const found: Getters = { __proto__: null, ...getters } as unknown as Getters;
    for (const index of text.stars) {
      const from = scope[index] as Record<string, unknown> | undefined;
      for (const name of Object.keys(from ?? {})) {
        if (name !== "default" && name !== "module.exports") found[name] ??= () => from![name];
      }
    }
    for (const name of Object.keys(found).sort()) {
      if (!(name in namespace))
        Object.defineProperty(namespace, name, { enumerable: true, get: found[name]! });
    }
  }

  /** Whether require() has to refuse it. */
  #awaits(module: EsModule, seen: Set<EsModule>): boolean {
    if (seen.has(module)) return false;
    seen.add(module);
    return (
      module.text.isAsync ||
      module.dependencies.some((one) =>
        "record" in one ? this.#awaits(one.record, seen) : "access" in one && one.isAsync,
      )
    );
  }

  /** @returns What has to be awaited, if something has. */
  #evaluate(module: EsModule): Promise<void> | undefined {
    if (module.state === "evaluating" || module.state === "evaluated") {
      if (module.failure !== undefined) throw module.failure.reason;
      return module.pending;
    }
    module.state = "evaluating";
    const fail = (reason: unknown): never => {
      module.failure = { reason };
      throw reason;
    };
    try {
      module.pending = this.#evaluateFrom(module, 0)?.catch(fail);
    } catch (error) {
      fail(error);
    } finally {
      module.state = "evaluated";
    }
    return module.pending;
  }

  /** What it imports, in the order of its code, and then itself. */
  #evaluateFrom(module: EsModule, first: number): Promise<void> | undefined {
    for (let index = first; index < module.dependencies.length; index++) {
      const pending = this.#evaluateDependency(module, index);
      if (pending !== undefined) return pending.then(() => this.#evaluateFrom(module, index + 1));
    }
    this.#exportStars(module);
    this.#checkImports(module);
    const ended = module.body!.next();
    return "then" in ended ? ended.then(() => undefined) : undefined;
  }

  #evaluateDependency({ dependencies, scope }: EsModule, index: number): Promise<void> | undefined {
    const dependency = dependencies[index]!;
    if ("record" in dependency) return this.#evaluate(dependency.record);
    if ("target" in dependency) scope[index] = this.#host.namespace(dependency.target);
    else if (!dependency.isAsync) scope[index] = dependency.access.require();
    else {
      return dependency.access.import().then((namespace) => {
        scope[index] = namespace;
      });
    }
    return undefined;
  }

  /** Of ES modules all names are known, but of those that are still on their way here. */
  #checkImports({ text, dependencies, path }: EsModule): void {
    for (const [request, name] of text.imported) {
      const dependency = dependencies[request]!;
      if (!("record" in dependency) || dependency.record.state !== "evaluated") continue;
      if (name in dependency.record.namespace) continue;
      const error = new SyntaxError(
        `The requested module '${text.requests[request]}' does not provide an export named '${name}'`,
      );
      error.stack = `SyntaxError: ${error.message}\n    at ${path}`;
      throw error;
    }
  }
}
