/** A node of acorn's tree, which is ESTree's. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  // biome-ignore lint/suspicious/noExplicitAny: what a node has depends on its type, of which there are 80
  readonly [name: string]: any;
}

export interface Visitor {
  /** Whether the visitor has no business with the node nor with what is below. */
  skips?(node: Node): boolean;
  enter(node: Node, parent: Node | undefined, key: string): void;
  leave?(node: Node, parent: Node | undefined, key: string): void;
}

/** Every node in the order of the text, but for the few whose parts ESTree lists in another one. */
export function walk(node: Node, visitor: Visitor, parent?: Node, key = ""): void {
  if (visitor.skips?.(node)) return;
  visitor.enter(node, parent, key);
  for (const name in node) {
    const value = node[name] as unknown;
    if (typeof value !== "object" || value === null) continue;
    if (Array.isArray(value)) {
      for (const one of value) if (isNode(one)) walk(one, visitor, node, name);
    } else if (isNode(value)) walk(value, visitor, node, name);
  }
  visitor.leave?.(node, parent, key);
}

function isNode(value: unknown): value is Node {
  return typeof (value as Node | null)?.type === "string";
}

export function isFunction({ type }: Node): boolean {
  return (
    type === "FunctionDeclaration" || type === "FunctionExpression" || type === "ArrowFunctionExpression"
  );
}

/** The names that a declaration's left side gives. */
export function* namesIn(pattern: Node | null | undefined): Iterable<string> {
  switch (pattern?.type) {
    case "Identifier":
      yield pattern["name"];
      return;
    case "ObjectPattern":
      for (const property of pattern["properties"]) yield* namesIn(property.value ?? property.argument);
      return;
    case "ArrayPattern":
      for (const element of pattern["elements"]) yield* namesIn(element);
      return;
    case "AssignmentPattern":
      yield* namesIn(pattern["left"]);
      return;
    case "RestElement":
      yield* namesIn(pattern["argument"]);
  }
}
