import type { Edits } from "./edits.ts";
import { findShadows } from "./shadows.ts";
import { type Node, walk } from "./walk.ts";

/**
 * Puts what an imported name stands for in its place, wherever the name is used: so it is live, as in an ES module.
 * @param names What each name stands for, as an expression: a member of the namespace, or the namespace.
 */
export function replaceImported(program: Node, names: ReadonlyMap<string, string>, edits: Edits): void {
  if (names.size === 0) return;
  const shadows = findShadows(program, names);
  /** How many parts of the code, of those that the walk is in, mean something else by a name. */
  const hidden = new Map<string, number>();
  /** Where a parenthesis would go on with the line before, if that has no semicolon. */
  const statements = new Set<number>();
  const count = (node: Node, by: 1 | -1) => {
    for (const name of shadows.get(node) ?? []) hidden.set(name, (hidden.get(name) ?? 0) + by);
  };
  walk(program, {
    skips: ({ type }) =>
      type !== "ImportExpression" && /^(?:Import|Export\w*Specifier|ExportAll|MetaProperty)/.test(type),
    enter(node, parent, key) {
      count(node, 1);
      if (node.type === "ExpressionStatement" && isInList(parent)) statements.add(node.start);
      if (node.type !== "Identifier" || parent === undefined) return;
      const value = names.get(node["name"]);
      if (value === undefined || (hidden.get(node["name"]) ?? 0) > 0 || isNoReference(parent, key)) return;
      if (parent.type === "Property" && parent["shorthand"]) edits.replace(node, `${node["name"]}: ${value}`);
      else if (isCalled(parent, key))
        edits.replace(node, `${statements.has(node.start) ? ";" : ""}(0, ${value})`);
      else edits.replace(node, value);
    },
    leave(node) {
      count(node, -1);
    },
  });
}

/** Whether statements stand there one after another, and not one alone as behind `else`. */
function isInList(parent: Node | undefined): boolean {
  return /^(?:Program|BlockStatement|StaticBlock|SwitchCase)$/.test(parent?.type ?? "");
}

/** Names of members, keys and labels. */
function isNoReference(parent: Node, key: string): boolean {
  if (key === "label") return true;
  if (key === "property") return parent.type === "MemberExpression" && !parent["computed"];
  // Of `{ a }`, the value is looked at.
  return key === "key" && !parent["computed"];
}

/** Called as a member, it would be given the namespace as `this`; in parentheses, too. */
function isCalled(parent: Node, key: string): boolean {
  if (parent.type === "CallExpression") return key === "callee";
  return key === "tag" || parent.type === "ParenthesizedExpression";
}
