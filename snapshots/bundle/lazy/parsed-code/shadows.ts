import { isFunction, type Node, namesIn, walk } from "./walk.ts";

/** By the part of the code that it holds in: which of these names of the module mean something else there. */
export function findShadows(
  program: Node,
  names: ReadonlyMap<string, unknown>,
): ReadonlyMap<Node, Set<string>> {
  const shadows = new Map<Node, Set<string>>();
  const declare = (scope: Node | undefined, declared: Iterable<string>) => {
    for (const name of declared) {
      // What the module itself declares cannot be an import's name.
      if (scope === undefined || scope === program || !names.has(name)) continue;
      const found = shadows.get(scope) ?? new Set();
      shadows.set(scope, found.add(name));
    }
  };
  /** The innermost last. */
  const blocks: Node[] = [program];
  const functions: Node[] = [program];
  walk(program, {
    enter(node) {
      // A function's or class's own name is known where it stands: what is declared there is noted before it is entered.
      if (/^(?:Function|Class)Declaration$/.test(node.type)) declare(blocks.at(-1), namesIn(node["id"]));
      if (isBlock(node)) blocks.push(node);
      // A parameter's default does not know what the body declares.
      if (isFunction(node)) functions.push(node["body"]);
      if (node.type === "StaticBlock") functions.push(node);
      if (isFunction(node)) for (const parameter of node["params"]) declare(node, namesIn(parameter));
      if (/^(?:Function|Class)Expression$/.test(node.type)) declare(node, namesIn(node["id"]));
      if (node.type === "CatchClause") declare(node, namesIn(node["param"]));
      if (node.type === "VariableDeclaration") {
        const scope = node["kind"] === "var" ? functions.at(-1) : blocks.at(-1);
        for (const { id } of node["declarations"]) declare(scope, namesIn(id));
      }
    },
    leave(node) {
      if (isBlock(node)) blocks.pop();
      if (isFunction(node) || node.type === "StaticBlock") functions.pop();
    },
  });
  return shadows;
}

/** What `let` holds in. */
function isBlock(node: Node): boolean {
  return (
    isFunction(node) ||
    /^(?:BlockStatement|StaticBlock|SwitchStatement|CatchClause|For\w*Statement|ClassExpression)$/.test(
      node.type,
    )
  );
}
