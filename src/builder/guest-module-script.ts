import { callAtUse } from "./node-library-imports.ts";

/**
 * What esbuild makes of one of our files, for the guest's registry. Every module of it is ours and knows itself to be one
 * with a default export or names, so nothing has to be found out, and copied, when it is loaded: esbuild's helpers make
 * an accessor for each member of each module that is imported.
 */
export function moduleScript(code: string): string {
  return `(function (require, module, exports) {${withoutHelpers(loadAtUse(asRegistered(code)))}\n})`;
}

/** The guest's `require` gives the default export of `node:` modules, and the names of the others. */
function asRegistered(code: string): string {
  return code
    .replace(/__toESM\((require\("node:[^"]+"\))\)/g, "({default:$1})")
    .replace(/__toESM\((require\("[^"]+"\))\)/g, "$1")
    .replace(/module\.exports=__toCommonJS\((\w+)\)/, "module.exports=$1");
}

/** Modules that are compiled on demand are loaded when something of them is used; those of the base are there. */
function loadAtUse(code: string): string {
  const loaders: string[] = [];
  const names: string[] = [];
  const declared = code.replace(
    /\b(import_\w+)=(\(\{default:require\("node:[^"]+"\)\}\)|require\("(?:node:|brisk:node\/|brisk:\w+\/lazy\/)[^"]+"\))/g,
    (_declarator, name: string, load: string) => {
      names.push(name);
      loaders.push(`function ${name}(){return $${name}??=${load}}`);
      return `$${name}`;
    },
  );
  if (names.length === 0) return code;
  return `${callAtUse(declared, names, (member) => [member])}${loaders.join("")}`;
}

const shortHelper =
  "var __export=(target,all)=>{for(var name in all)Object.defineProperty(target,name,{get:all[name],enumerable:!0})};";

/** What stands in front of the exports is helpers, of which one is left, unless a package is part of the file. */
function withoutHelpers(code: string): string {
  const from = /var \w+_exports=\{\};__export\(/.exec(code)?.index ?? 0;
  const needsOthers =
    /\b__(create|defProp|getOwn\w+|getProtoOf|hasOwnProp|copyProps|toESM|toCommonJS|commonJS|esm|require)\b/;
  const rest = code.slice(from);
  return from === 0 || needsOthers.test(rest) ? code : shortHelper + rest;
}
