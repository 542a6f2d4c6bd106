import type { Edits } from "./edits.ts";
import { unusedName } from "./unused-name.ts";
import { isFunction, type Node, walk } from "./walk.ts";

/*
 * Native `await` carries no async context. Where it stands, the code says itself what goes on in which: it saves the
 * current context right before, and enters it right behind, wherever that is.
 *
 *     await a                  cell.back(await cell.saved(a))
 *     catch (e) { b }          catch (e) { cell.caught(); b }        what was awaited may have been rejected; finally likewise
 *     for await (x of y) z     { for await (x of cell.each(y)) { cell.caught(); z } cell.caught(); }
 *
 * Each call of an async function has a cell of its own. Where a generator yields, it goes on in the context of whoever asks
 * for the next value, as in Node.
 */

/** @param contexts An expression for what makes cells. @returns The declaration of a cell for what is awaited at the top. */
export function keepContexts(program: Node, code: string, contexts: string, edits: Edits): string {
  const cell = unusedName("$cell", code);
  const declaration = `var ${cell} = ${contexts}.cell();`;
  const awaiting = functionsThatAwait(program);
  /** The innermost last. */
  const functions: Node[] = [program];
  const hasCell = () => awaiting.has(functions.at(-1)!);
  walk(program, {
    enter(node, parent, key) {
      if (hasCell() && parent !== undefined) open(node, parent, key);
      if (isFunction(node)) functions.push(node);
    },
    leave(node, parent, key) {
      if (isFunction(node)) functions.pop();
      if (hasCell() && parent !== undefined) close(node, parent, key);
    },
  });
  return awaiting.has(program) ? declaration : "";

  function open(node: Node, parent: Node, key: string): void {
    if (key === "body" && isFunction(parent)) {
      if (node.type === "BlockStatement") edits.insert(firstStatement(node), `;${declaration}`);
      else edits.insert(node.start, `{${declaration} return `);
    }
    if (key === "argument" && parent.type === "AwaitExpression") edits.insert(node.start, `${cell}.saved(`);
    if (key === "finalizer" || (key === "body" && parent.type === "CatchClause"))
      edits.insert(node.start + 1, `${cell}.caught();`);
    if (awaitsEach(labeled(node)) && parent.type !== "LabeledStatement") edits.insert(node.start, "{");
    if (awaitsEach(parent) && key === "right") edits.insert(node.start, `${cell}.each(`);
    if (awaitsEach(parent) && key === "body") edits.insert(node.start, `{${cell}.caught();`);
    // Within all that is put around it.
    if (node.type === "AwaitExpression") edits.insert(node.start, `${cell}.back(`);
  }

  function close(node: Node, parent: Node, key: string): void {
    if (node.type === "AwaitExpression") edits.insert(node.end, ")");
    if (key === "argument" && parent.type === "AwaitExpression") edits.insert(node.end, ")");
    if (key === "body" && isFunction(parent) && node.type !== "BlockStatement") edits.insert(node.end, "}");
    if (awaitsEach(parent) && (key === "right" || key === "body"))
      edits.insert(node.end, key === "right" ? ")" : "}");
    if (awaitsEach(labeled(node)) && parent.type !== "LabeledStatement")
      edits.insert(node.end, `${cell}.caught();}`);
  }
}

function functionsThatAwait(program: Node): ReadonlySet<Node> {
  const found = new Set<Node>();
  const functions = [program];
  walk(program, {
    enter(node) {
      if (isFunction(node)) functions.push(node);
      if (node.type === "AwaitExpression" || awaitsEach(node)) found.add(functions.at(-1)!);
    },
    leave(node) {
      if (isFunction(node)) functions.pop();
    },
  });
  return found;
}

/** Whether it is a `for await`. */
function awaitsEach(node: Node): boolean {
  return node.type === "ForOfStatement" && node["await"] === true;
}

/** What labels stand before; what is without labels is itself. */
function labeled(node: Node): Node {
  return node.type === "LabeledStatement" ? labeled(node["body"]) : node;
}

/** Behind the directives of a function's body. */
function firstStatement(body: Node): number {
  let at = body.start + 1;
  for (const statement of body["body"] as readonly Node[]) {
    if (statement["directive"] === undefined) break;
    at = statement.end;
  }
  return at;
}
