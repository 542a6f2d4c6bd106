import { keepContexts } from "./awaits.ts";
import { Edits } from "./edits.ts";
import { replaceImported } from "./imported-names.ts";
import { unusedName } from "./unused-name.ts";
import { isFunction, type Node, namesIn, walk } from "./walk.ts";

/** An ES module as the body of a CommonJS wrapper, which returns what `EsModules` makes it run by. */
export interface EsModuleText {
  readonly code: string;
  /** What it imports, in the order of its code. */
  readonly requests: readonly string[];
  /** Names that it imports, with the number of the request. */
  readonly imported: readonly (readonly [request: number, name: string])[];
  /** Requests all of whose names are exported, too. */
  readonly stars: readonly number[];
  /** Whether it awaits at its top level. */
  readonly isAsync: boolean;
}

/**
 * Writes an ES module as a function. It keeps its lines.
 *
 *     import { a } from "x";                     its namespace is $esm[0], and each `a` becomes `$esm[0].a`
 *     export const b = a();                      $esm.provide({ b: () => b }), before anything runs
 *
 * What it awaits keeps the async context, whether there are contexts yet or not: its parts are loaded in any order.
 * The function is a generator: when it stops first, its exports are there, and functions that are declared can be called;
 * so modules that import each other can be put together before the first of them runs.
 */
export function rewriteEsModule(program: Node, code: string): EsModuleText {
  return new ModuleWriter(program, code).write();
}

class ModuleWriter {
  readonly #program: Node;
  readonly #code: string;
  readonly #esm: string;
  readonly #default: string;
  readonly #edits = new Edits();
  readonly #requests: string[] = [];
  readonly #imported: [number, string][] = [];
  readonly #stars: number[] = [];
  /** By its name outside, what an export is inside. */
  readonly #exports = new Map<string, string>();
  /** What imported names stand for. */
  readonly #names = new Map<string, string>();
  #head = "";

  constructor(program: Node, code: string) {
    this.#program = program;
    this.#code = code;
    this.#esm = unusedName("$esm", code);
    this.#default = unusedName("$default", code);
  }

  write(): EsModuleText {
    const statements = this.#program["body"] as readonly Node[];
    for (const node of statements) if (node.type === "ImportDeclaration") this.#import(node);
    for (const node of statements) this.#export(node);
    replaceImported(this.#program, this.#names, this.#edits);
    // Most modules have nothing of this.
    const hasAwait = /\bawait\b/.test(this.#code);
    const isAsync = hasAwait || /\bimport\s*[(.]/.test(this.#code) ? this.#replaceImport() : false;
    if (hasAwait) this.#head += keepContexts(this.#program, this.#code, this.#esm, this.#edits);
    const getters = [...this.#exports].map(([name, local]) => `${JSON.stringify(name)}: () => ${local}`);
    const provide = `${this.#esm}.provide({ __proto__: null, ${getters.join(", ")} });`;
    const head = `"use strict"; return function (${this.#esm}, exports, require, module, __filename, __dirname) { return ${isAsync ? "async " : ""}function* () { ${provide}${this.#head} yield; `;
    return {
      code: `${head}${this.#edits.apply(this.#code)}\n}; };`,
      requests: this.#requests,
      imported: this.#imported,
      stars: this.#stars,
      isAsync,
    };
  }

  #request(source: Node): number {
    const specifier = source["value"] as string;
    const known = this.#requests.indexOf(specifier);
    return known >= 0 ? known : this.#requests.push(specifier) - 1;
  }

  /** The expression for what a module exports by a name. */
  #member(request: number, name: string): string {
    this.#imported.push([request, name]);
    return `${this.#esm}[${request}]${/^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`}`;
  }

  #import(node: Node): void {
    const request = this.#request(node["source"]);
    for (const { type, local, imported } of node["specifiers"]) {
      const value =
        type === "ImportNamespaceSpecifier"
          ? `${this.#esm}[${request}]`
          : this.#member(request, type === "ImportDefaultSpecifier" ? "default" : nameOf(imported));
      this.#names.set(local.name, value);
    }
    this.#remove(node.start, node.end);
  }

  #export(node: Node): void {
    if (node.type === "ExportAllDeclaration") {
      const request = this.#request(node["source"]);
      if (node["exported"] === null) this.#stars.push(request);
      else this.#exports.set(nameOf(node["exported"]), `${this.#esm}[${request}]`);
      this.#remove(node.start, node.end);
    } else if (node.type === "ExportDefaultDeclaration") this.#exportDefault(node);
    else if (node.type === "ExportNamedDeclaration") this.#exportNamed(node);
  }

  #exportNamed(node: Node): void {
    const declaration = node["declaration"] as Node | null;
    if (declaration !== null) {
      const names =
        declaration.type === "VariableDeclaration"
          ? (declaration["declarations"] as readonly Node[]).flatMap(({ id }) => [...namesIn(id)])
          : namesIn(declaration["id"]);
      for (const name of names) this.#exports.set(name, name);
      this.#remove(node.start, declaration.start);
      return;
    }
    const request = node["source"] === null ? undefined : this.#request(node["source"]);
    for (const { local, exported } of node["specifiers"]) {
      const name = nameOf(local);
      const value = request === undefined ? (this.#names.get(name) ?? name) : this.#member(request, name);
      this.#exports.set(nameOf(exported), value);
    }
    this.#remove(node.start, node.end);
  }

  /** What has no name is called `default`. */
  #exportDefault(node: Node): void {
    const declaration = node["declaration"] as Node;
    const name = declaration["id"]?.name as string | undefined;
    const isDeclaration = /^(?:Function|Class)Declaration$/.test(declaration.type);
    this.#exports.set("default", isDeclaration && name !== undefined ? name : this.#default);
    this.#remove(node.start, declaration.start);
    if (isDeclaration && name !== undefined) return;
    if (declaration.type === "FunctionDeclaration") {
      // It can be called before it is reached.
      this.#edits.insert(behindKeywords(this.#code, declaration), ` ${this.#default}`);
      this.#head += ` Object.defineProperty(${this.#default}, "name", { value: "default", configurable: true });`;
      return;
    }
    this.#edits.insert(declaration.start, `const { default: ${this.#default} } = { default: `);
    this.#edits.insert(declaration.end, " };");
  }

  /** `import()` and `import.meta`. @returns Whether something is awaited at the top. */
  #replaceImport(): boolean {
    let isAsync = false;
    let depth = 0;
    walk(this.#program, {
      enter: (node) => {
        if (isFunction(node)) depth++;
        if (depth === 0) {
          isAsync ||= node.type === "AwaitExpression" || node["await"] === true;
          isAsync ||= node.type === "VariableDeclaration" && node["kind"] === "await using";
        }
        if (node.type === "ImportExpression")
          this.#edits.replace(
            { start: node.start, end: node.start + "import".length },
            `${this.#esm}.import`,
          );
        if (node.type === "MetaProperty" && node["meta"].name === "import")
          this.#edits.replace(node, `${this.#esm}.meta`);
      },
      leave: (node) => {
        if (isFunction(node)) depth--;
      },
    });
    return isAsync;
  }

  #remove(start: number, end: number): void {
    this.#edits.remove(this.#code, start, end);
  }
}

/** Of an identifier, or of a name that is written as a string. */
function nameOf({ name, value }: Node): string {
  return (name ?? value) as string;
}

/** Where the name would stand of a function that has none. */
function behindKeywords(code: string, declaration: Node): number {
  const comment = String.raw`(?:\s|\/\*[\s\S]*?\*\/|\/\/[^\n]*\n)*`;
  const keywords = new RegExp(`(?:async${comment})?function${comment}\\*?`, "y");
  keywords.lastIndex = declaration.start;
  keywords.exec(code);
  return keywords.lastIndex;
}
