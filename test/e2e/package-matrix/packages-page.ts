import { readFileSync } from "node:fs";
import { matrixFunctions } from "./functions.ts";
import type { MatrixFunction } from "./matrix-function.ts";

/** How a function of the matrix fared. */
export interface MatrixResult {
  /** It answers as in Node after an init. */
  readonly init: boolean;
  /** And in an environment that starts from a snapshot. */
  readonly snapshot: boolean;
  /** Of what it does not do. */
  readonly reason: string;
}

const root = new URL("../../../", import.meta.url);

/** docs/packages.md. @param results By the functions' names; a function without one is not on the page. */
export function packagesPage(results: ReadonlyMap<string, MatrixResult>): string {
  const tried = matrixFunctions.filter(({ name }) => results.has(name));
  const count = (how: "init" | "snapshot") => tried.filter(({ name }) => results.get(name)?.[how]).length;
  return `# Packages
<!-- Written by \`npm run test:packages -- -u\` from test/e2e/package-matrix/: change it there. -->
Each of these functions (\`test/fixtures/packages/\`) is deployed with its packages as npm installs them, and invoked through the API. What it has to answer is what the same module answers in
Node ${versionOf("node")}, which the test asks, too. **${count("init")} of ${tried.length}** answer so after an init, **${count("snapshot")} of ${tried.length}** in an environment that starts from a snapshot of that init. The
databases and AWS services that they talk to over sockets are scripted servers of the test, which speak as much of the protocol as the clients use; the Lambda API is Brisk's own.

\`npm run test:packages\` runs all of it, in some minutes; \`npm test\` a few.

| packages | what the function does | init | snapshot | remarks |
| --- | --- | --- | --- | --- |
${tried.map((fn) => row(fn, results.get(fn.name)!)).join("\n")}
`;
}

function row(fn: MatrixFunction, { init, snapshot, reason }: MatrixResult): string {
  const packages = fn.packages.map((name) => `\`${name}\` ${versionOf(name)}`).join(", ");
  const remarks = [fn.remark, reason].filter(Boolean).join("; ");
  return `| ${packages} | ${fn.does} | ${init ? "yes" : "no"} | ${snapshot ? "yes" : "no"} | ${remarks} |`;
}

/** The results that a page tells of, by the functions' names. */
export function resultsOn(page: string): ReadonlyMap<string, MatrixResult> {
  const rows = page
    .split("\n")
    .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | ?\|$/g, "")));
  const results = new Map<string, MatrixResult>();
  for (const { name, does, remark = "" } of matrixFunctions) {
    const cells = rows.find((row) => row[1] === does);
    if (cells === undefined) continue;
    const reason = (cells[4] ?? "").slice(remark.length).replace(/^; /, "");
    results.set(name, { init: cells[2] === "yes", snapshot: cells[3] === "yes", reason });
  }
  return results;
}

function versionOf(name: string): string {
  const manifest = new URL(`node_modules/${name}/package.json`, root);
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}
