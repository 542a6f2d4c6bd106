import { readFile, writeFile } from "node:fs/promises";
import { withMarkedPart } from "../../scripts/marked-part.ts";
import type { Machine } from "./machine.ts";
import { passes, type Results, type Row, round } from "./report.ts";

const page = new URL("../../docs/compatibility.md", import.meta.url);
const marks = {
  page: "docs/compatibility.md",
  begin: "<!-- costs: written by `npm run bench:guest -- --write-docs` -->",
  end: "<!-- /costs -->",
};

/** Writes what the benches of the guest measured. @throws {Error} One of them is missing, or could not run. */
export async function writeGuestCosts(machine: Machine, results: Results): Promise<void> {
  const rows = ["guest-start", "guest-modules", "guest-calls"].flatMap((name) => {
    const result = results[name];
    if (result === undefined || "error" in result) {
      throw new Error(`Cannot write docs/compatibility.md: ${name} was not measured (npm run bench:guest)`);
    }
    return result.rows;
  });
  await writeFile(page, withMarkedPart(await readFile(page, "utf8"), marks, costsTable(machine, rows)));
}

function costsTable({ cpu, cores, node, commit }: Machine, rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const { measure, unit, brisk, peer, figure, target } = row;
    const peerCells =
      peer === undefined ? ["", ""] : [`${peer.name}: ${round(peer.value)}`, figure.toFixed(2)];
    const asked =
      target === undefined ? "" : "atMost" in target ? `≤ ${target.atMost}` : `≥ ${target.atLeast}`;
    return `| ${[measure, unit, round(brisk), ...peerCells, asked + (passes(row) === false ? " !" : "")].join(" | ")} |`;
  });
  return [
    `${cpu}, ${cores} cores, Node ${node}, commit ${commit}. "×" is what Brisk takes for each of the other's; "!" marks what is missed.`,
    "",
    "| what | unit | Brisk | beside | × | asked |",
    "| --- | --- | ---: | ---: | ---: | ---: |",
    ...lines,
    "",
  ].join("\n");
}
