/**
 * Node's library loads what a file needs when the file is loaded: `path` leads to twenty files, all for the errors
 * of arguments that are wrong. Here a file at the top of which stands
 *
 *     const { codes: { ERR_A }, hide: other } = require('internal/errors');
 *
 * loads that one when `ERR_A` or `other` is first used. The declaration becomes an import, esbuild rewrites the
 * names where they mean it, as it does for every import, and each use becomes a call of a function that loads once.
 */

/** At the start of a line, so not within a function. */
const declaration =
  /^const (\{[^=()]*\}|[A-Za-z_$][\w$]*) = (require|internalBinding)\('([^']+)'\)((?:\.\w+)*);/gm;
const importedPattern = /\bvar (import_\w+)=require\("later:(require|internalBinding|process):([^"]*)"\);/g;
/** Between the members that lead to a name; `whole` is the exports themselves. */
const separator = "$_$";
const whole = `whole${separator}`;

/** Members that have a file of their own here, since files use them while they are loaded. */
const apart: Readonly<Record<string, string>> = {
  "internal/errors.hideStackFrames": "internal/errors/hide-stack-frames",
  "internal/util.getLazy": "internal/util/basics",
  "internal/util.isWindows": "internal/util/basics",
  "string_decoder.encodings": "encodings",
};

/** The text with its declarations as imports; where there is none, the text itself. */
export function declareImports(text: string): string {
  const withImports = text.replace(
    declaration,
    (statement, target: string, kind: string, id: string, tail: string) => {
      const names = namesOf(target, tail.split(".").slice(1));
      if (names === undefined) return statement;
      const byFile = Map.groupBy(names, ({ member }) => apart[`${id}.${member}`] ?? id);
      const imports = [...byFile].map(([file, members]) => {
        const named = members.map(({ member, name }) => `${member} as ${name}`);
        return `import { ${named.join(", ")} } from 'later:${kind}:${file}';`;
      });
      return imports.join(" ");
    },
  );
  // A variable that Node has in scope; files mention it, and few use it while they are loaded.
  const usesProcess = /\bprocess\b/.test(text) && !/^(const|let|var) process\b/m.test(text);
  return usesProcess ? `import { ${whole} as process } from 'later:process:';${withImports}` : withImports;
}

/** What esbuild made of such imports, whose white space is gone, as calls. */
export function loadAtUse(code: string, resolve: (id: string) => string): string {
  const imported: string[] = [];
  const declared = code.replace(importedPattern, (_statement, name: string, kind: string, id: string) => {
    imported.push(name);
    const load =
      kind === "process"
        ? 'require("brisk:node/internal/library/process").libraryProcess'
        : `${kind}(${JSON.stringify(kind === "require" ? resolve(id) : id)})`;
    return `var $${name};function ${name}(){return $${name}??=${load}}`;
  });
  return callAtUse(declared, imported, (member) => (member === whole ? [] : member.split(separator)));
}

/** Each use of a member of an import as one of what a function of its name loads. */
export function callAtUse(
  code: string,
  imported: readonly string[],
  membersOf: (member: string) => readonly string[],
): string {
  if (imported.length === 0) return code;
  const uses = new RegExp(`(?<![\\w$])(${imported.join("|")})\\.([\\w$]+)`, "g");
  // In parentheses, since it may stand behind `new`.
  return code.replace(
    uses,
    (_use, name: string, member: string) => `(${[`${name}()`, ...membersOf(member)].join(".")})`,
  );
}

interface Name {
  /** What it names: members of members, joined. */
  readonly member: string;
  readonly name: string;
}

/** The names that a pattern declares; undefined for a pattern that does more than name members of members. */
function namesOf(pattern: string, path: readonly string[]): Name[] | undefined {
  const tokens = withoutComments(pattern).match(/[\w$]+|\S/g) ?? [];
  const names: Name[] = [];
  let at = 0;
  const readTarget = (of: readonly string[]): boolean => {
    const member = of.join(separator) || whole;
    if (tokens[at] !== "{") return isName(tokens[at]) && names.push({ member, name: tokens[at++]! }) > 0;
    at++;
    while (tokens[at] !== "}") {
      const inner = tokens[at];
      if (!isName(inner)) return false;
      if (tokens[at + 1] === ":") at += 2;
      if (!readTarget([...of, inner])) return false;
      if (tokens[at] === ",") at++;
      else if (tokens[at] !== "}") return false;
    }
    at++;
    return true;
  };
  return readTarget(path) && at === tokens.length ? names : undefined;
}

function isName(token: string | undefined): token is string {
  return token !== undefined && /^[A-Za-z_$][\w$]*$/.test(token);
}

function withoutComments(text: string): string {
  return text.replace(/\/\/.*$/gm, "").replace(/\/\*[\s\S]*?\*\//g, "");
}
