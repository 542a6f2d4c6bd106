import type { Provided } from "../snapshots/provides.ts";

const workedBy: Readonly<Record<Provided["from"], string>> = {
  node: "Node's own",
  package: "a package",
  host: "the host",
  ours: "Brisk's own",
  v8: "V8",
};

/** README's table of what code in an isolate finds: what is whole in a few rows, and a row for whatever lacks something. */
export function guestTable(provided: readonly Provided[]): string {
  const rows = (["global", "module"] as const).flatMap((kind) => {
    const these = provided.filter((one) => one.kind === kind);
    const whole = these.filter(({ missing }) => missing === undefined);
    return [
      row(
        kind === "global" ? "Globals that lack nothing known" : "Modules that lack nothing known",
        whole,
        "",
      ),
      ...groups(these).map(([missing, group]) => row(undefined, group, missing)),
    ];
  });
  const eager = provided.filter(({ lazy }) => !lazy).map(({ name }) => `\`${name}\``);
  return [
    "| | by | missing, or different |",
    "| --- | --- | --- |",
    ...rows,
    "",
    `Compiled at its first use, but for what is in every heap: ${eager.join(", ")}.`,
    "",
  ].join("\n");
}

/** Those that lack the same stand together. */
function groups(provided: readonly Provided[]): (readonly [missing: string, readonly Provided[]])[] {
  const lacking = provided.filter(({ missing }) => missing !== undefined);
  return [...Map.groupBy(lacking, ({ missing }) => missing!)];
}

function row(title: string | undefined, provided: readonly Provided[], missing: string): string {
  const names = provided
    .map(({ name, kind }) => `\`${kind === "module" ? `node:${name}` : name}\``)
    .join(", ");
  const by = [...new Set(provided.map(({ from }) => workedBy[from]))].join(", ");
  return `| ${title === undefined ? names : `${title}: ${names}`} | ${by} | ${missing} |`;
}
