import type { FuzzResult } from "./run.ts";

const mostFailuresShown = 20;

/** A table by operation and one by mutation, for people. */
export function summary(results: readonly FuzzResult[]): string {
  return [
    table(
      "operation",
      group(results, ({ fuzzCase }) => fuzzCase.operation),
    ),
    table(
      "mutation",
      group(results, ({ fuzzCase }) => fuzzCase.mutation),
    ),
  ].join("\n\n");
}

/** The failures, with what was sent and answered, and how to send one again. */
export function failures(results: readonly FuzzResult[], again: string): string {
  const failed = results.filter(({ fault }) => fault !== undefined);
  const shown = failed.slice(0, mostFailuresShown).map(({ number, fuzzCase, outcome, fault }) => {
    const { operation, mutation, member, request } = fuzzCase;
    const answer = outcome.kind === "answer" ? outcome.answer : undefined;
    return [
      `${operation}, ${mutation}${member === undefined ? "" : ` of ${member}`}: ${fault}`,
      `  sent      ${request.method} ${printable(request.target)}`,
      ...(request.body === undefined ? [] : [`            ${printable(request.body.toString())}`]),
      ...(answer === undefined ? [] : [`  answered  ${answer.status} ${printable(answer.body.toString())}`]),
      `  again     ${again} --only ${number}`,
    ].join("\n");
  });
  const more = failed.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join("\n\n");
}

interface Row {
  readonly name: string;
  sent: number;
  refused: number;
  accepted: number;
  failed: number;
}

function group(results: readonly FuzzResult[], nameOf: (result: FuzzResult) => string): Row[] {
  const rows = new Map<string, Row>();
  for (const result of results) {
    const name = nameOf(result);
    const row = rows.get(name) ?? { name, sent: 0, refused: 0, accepted: 0, failed: 0 };
    rows.set(name, row);
    row.sent++;
    if (result.fault !== undefined) row.failed++;
    else if (result.outcome.kind === "answer" && result.outcome.answer.status < 300) row.accepted++;
    else row.refused++;
  }
  return [...rows.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function table(title: string, rows: readonly Row[]): string {
  const width = Math.max(title.length, ...rows.map(({ name }) => name.length));
  const line = (name: string, ...numbers: (string | number)[]) =>
    name.padEnd(width) + numbers.map((value) => String(value).padStart(10)).join("");
  const total = (of: "sent" | "refused" | "accepted" | "failed") =>
    rows.reduce((sum, row) => sum + row[of], 0);
  return [
    line(title, "sent", "refused", "accepted", "failed"),
    ...rows.map(({ name, sent, refused, accepted, failed }) => line(name, sent, refused, accepted, failed)),
    line("all", total("sent"), total("refused"), total("accepted"), total("failed")),
  ].join("\n");
}

function printable(text: string): string {
  const short = text.length > 400 ? `${text.slice(0, 400)}… (${text.length})` : text;
  return short.replaceAll(
    /[\0-\x1f\x7f\u202a-\u202e]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
