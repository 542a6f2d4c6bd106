import { provided } from "../snapshots/provides.ts";
import type { Operation, OperationGroup } from "../src/http/lambda-api/operation.ts";
import { operationGroups } from "../src/http/lambda-api/operations/index.ts";
import { unsupportedOperations } from "../src/http/lambda-api/unsupported-operations.ts";
import { guestTable } from "./guest-table.ts";
import { withMarkedPart } from "./marked-part.ts";

/** What is shown of an operation. */
export type DocumentedOperation = Pick<
  Operation,
  | "name"
  | "method"
  | "path"
  | "status"
  | "uriMembers"
  | "queryMembers"
  | "bodyMembers"
  | "note"
  | "onlyKept"
  | "refused"
> & { readonly headerMembers?: readonly string[] };

interface DocumentedGroup extends Omit<OperationGroup, "operations"> {
  readonly operations: readonly DocumentedOperation[];
}

const invocation = {
  method: "POST",
  status: 200,
  uriMembers: ["FunctionName"],
  queryMembers: ["Qualifier"],
  bodyMembers: ["Payload"],
  onlyKept: [],
} as const;

const tenants = "A function with `TenancyConfig` wants a `TenantId`, and no other takes one.";

/** They stream, so that they are no rows of the operation table; `src/http/invocations.ts` has them. */
export const invocations: DocumentedGroup = {
  title: "Invoke",
  works: "RequestResponse, DryRun, log tail, response streaming, errors and timeouts as Lambda gives them",
  missing: "`Event` (asynchronous) invocation",
  operations: [
    {
      ...invocation,
      name: "Invoke",
      path: "/2015-03-31/functions/{FunctionName}/invocations",
      headerMembers: ["InvocationType", "LogType", "ClientContext", "DurableExecutionName", "TenantId"],
      note: tenants,
      refused: {
        InvocationType: "`Event`, there are no asynchronous invocations yet",
        DurableExecutionName: "there are no durable executions",
      },
    },
    {
      ...invocation,
      name: "InvokeWithResponseStream",
      path: "/2021-11-15/functions/{FunctionName}/response-streaming-invocations",
      headerMembers: ["InvocationType", "LogType", "ClientContext", "TenantId"],
      note: tenants,
      refused: {},
    },
  ],
};

const groups: readonly DocumentedGroup[] = [invocations, ...operationGroups];

/** docs/api-compatibility.md. */
export function compatibilityPage(): string {
  const supported = groups.flatMap(({ operations }) => operations).length;
  return [
    "# The Lambda API, operation by operation",
    "<!-- Written by `npm run docs:compatibility` from the operation table, src/http/lambda-api/operations/: change it there. -->",
    `${supported} of the ${supported + unsupportedOperations.length} operations that the AWS SDK has are here; the others are refused by name. Every member of an operation is checked by the service`,
    "model's constraints. What is *only kept* is stored and shown, and nothing acts on it. What is *refused* is an `InvalidParameterValueException` with the reason.",
    "",
    ...groups.flatMap(groupLines),
    "## Refused",
    "| operation | why |",
    "| --- | --- |",
    ...unsupportedOperations.map(({ name, reason }) => `| ${name} | ${reason} |`),
    "",
  ].join("\n");
}

/** README's table, by group. */
export function compatibilityTable(): string {
  return [
    "| | works | not yet, or different |",
    "| --- | --- | --- |",
    ...groups.map(({ title, works, missing = "" }) => `| ${title} | ${works} | ${missing} |`),
    "",
  ].join("\n");
}

/** README's tables, by the name of their marks: where they are written from, and what they are. */
const tables = {
  compatibility: ["src/http/lambda-api/operations/", compatibilityTable],
  guest: ["snapshots/provides.ts", () => guestTable(provided)],
} as const;

/** @returns README with the tables between their marks; what is outside stays. */
export function withTables(readme: string): string {
  let written = readme;
  for (const [name, [source, table]] of Object.entries(tables)) {
    const begin = `<!-- ${name}: written by \`npm run docs:compatibility\` from ${source} -->`;
    written = withMarkedPart(written, { page: "README.md", begin, end: `<!-- /${name} -->` }, table());
  }
  return written;
}

function groupLines({ title, works, missing, operations }: DocumentedGroup): string[] {
  return [
    `## ${title}`,
    `Works: ${works}.${missing === undefined ? "" : ` Not yet, or different: ${missing}.`}`,
    "",
    ...operations.flatMap(operationLines),
  ];
}

function operationLines(operation: DocumentedOperation): string[] {
  const { name, method, path, status, note, onlyKept, refused, headerMembers = [] } = operation;
  const members = [
    ...operation.uriMembers,
    ...operation.queryMembers,
    ...headerMembers,
    ...operation.bodyMembers,
  ];
  return [
    `### ${name}`,
    `\`${method} ${path}\`, ${status}`,
    ...(members.length === 0 ? [] : [`- members: ${members.map(code).join(", ")}`]),
    ...(note === undefined ? [] : [`- ${note}`]),
    ...(onlyKept.length === 0 ? [] : [`- only kept: ${onlyKept.map(code).join(", ")}`]),
    ...byReason(refused).map(([reason, names]) => `- refused: ${names.map(code).join(", ")}: ${reason}`),
    "",
  ];
}

/** Members that are refused for the same reason stand together. */
function byReason(refused: Readonly<Record<string, string>>): (readonly [string, readonly string[]])[] {
  const names = Object.groupBy(Object.keys(refused), (name) => refused[name]!);
  return Object.entries(names).map(([reason, members]) => [reason, members ?? []]);
}

function code(name: string): string {
  return `\`${name}\``;
}
