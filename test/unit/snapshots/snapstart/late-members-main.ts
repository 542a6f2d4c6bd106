/** A program of tests: what differs between a context that V8 freezes, the same restored, and an ordinary one. */
import ivm from "isolated-vm";

const paths = `(function () {
  const seen = new Set();
  const found = [];
  (function walk(object, path) {
    if ((typeof object !== "object" && typeof object !== "function") || object === null || seen.has(object)) return;
    seen.add(object);
    for (const key of Reflect.ownKeys(object)) {
      const own = path + "." + String(key);
      found.push(own);
      const { value, get } = Reflect.getOwnPropertyDescriptor(object, key);
      walk(value, own);
      walk(get, own + "<get>");
    }
    walk(Object.getPrototypeOf(object), path + "<prototype>");
  })(globalThis, "globalThis");
  return JSON.stringify(found);
})()`;
const read = (context: ivm.Context): Set<string> => new Set(JSON.parse(context.evalSync(paths) as string));

const snapshot = ivm.Isolate.createSnapshot([
  {
    code: `const found = ${paths}; Object.defineProperty(globalThis, "found", { value: found, configurable: true });`,
  },
]);
const context = new ivm.Isolate({ snapshot }).createContextSync();
const freezing = new Set(JSON.parse(context.evalSync("found") as string) as string[]);
context.evalSync("delete globalThis.found");
const restored = read(context);
const ordinary = read(new ivm.Isolate().createContextSync());

/** Members of something that is missing itself say nothing new. */
function roots(all: readonly string[]): string[] {
  const set = new Set(all);
  return all
    .filter((path) => {
      for (let at = path.lastIndexOf("."); at > 0; at = path.lastIndexOf(".", at - 1)) {
        if (set.has(path.slice(0, at).replace(/<.*/, ""))) return false;
      }
      return true;
    })
    .map((path) => path.replace(/^globalThis\.(?=.*\.)/, ""))
    .sort();
}

const missing = [...ordinary].filter((path) => !freezing.has(path));
process.stdout.write(
  JSON.stringify({
    missing: roots(missing),
    added: roots(missing.filter((path) => restored.has(path))),
    onlyFrozen: [...freezing].filter((path) => !ordinary.has(path)),
  }),
);
