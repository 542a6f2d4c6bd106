import type { z } from "zod";
import type { FunctionService } from "../../control/index.ts";
import type { CodeLinks } from "./code-links.ts";
import type { Presenter } from "./presenter.ts";
import { structure } from "./shapes.ts";

/** What an operation works with. */
export interface OperationContext {
  readonly functions: FunctionService;
  readonly present: Presenter;
  readonly codeLinks: CodeLinks;
  /** Scheme, host and port under which the client reached us. */
  readonly origin: string;
}

type Members = Readonly<Record<string, z.ZodType>>;
type Input<Q extends Members, U extends Members, B extends Members> = z.output<z.ZodObject<Q & U & B>>;

/**
 * One operation of the Lambda API, as its service model has it. All of the model's members are in `query`, `uri` and
 * `body`, also those that are refused or that nothing acts on: a test compares them with the AWS SDK's model. README
 * and docs/api-compatibility.md are written from these rows by `npm run docs:compatibility`; a test fails when
 * they are out of date.
 */
interface OperationDefinition<Q extends Members, U extends Members, B extends Members> {
  readonly name: string;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** With the model's `{Member}` for the members in `uri`, and its fixed query if it has one. */
  readonly path: string;
  /** Of success. */
  readonly status: number;
  /** Where each member comes from. Errors name them in this order, as AWS does. */
  readonly query?: Q;
  /** Those of `query` that are lists: their key may come several times. */
  readonly queryLists?: readonly (keyof Q & string)[];
  readonly uri?: U;
  readonly body?: B;
  /** Default 1 MiB. */
  readonly bodyBytes?: number;
  /** What acts on it, and where it differs from AWS, in a sentence or two. Absent: it is whole, and as on AWS. */
  readonly note?: string;
  /** Members that are checked, kept and shown, and that nothing acts on. */
  readonly onlyKept?: readonly NoInfer<keyof (Q & U & B) & string>[];
  /** Members that are refused, at least with some of AWS's values: with which, and why. Shown after the member's name and a colon. */
  readonly refused?: NoInfer<{ readonly [M in keyof (Q & U & B) & string]?: string }>;
  /** The reply's members; undefined for an empty body. */
  run(context: OperationContext, input: Input<Q, U, B>): unknown;
}

/** An operation whose input's type is checked and then forgotten, so that all fit one table. */
export interface Operation {
  readonly name: string;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly status: number;
  readonly queryMembers: readonly string[];
  readonly queryLists: readonly string[];
  readonly uriMembers: readonly string[];
  readonly bodyMembers: readonly string[];
  readonly bodyBytes: number;
  readonly note: string | undefined;
  readonly onlyKept: readonly string[];
  readonly refused: Readonly<Record<string, string>>;
  readonly input: z.ZodType;
  run(context: OperationContext, input: unknown): unknown;
}

/** Operations that belong together: a row of README's table. */
export interface OperationGroup {
  readonly title: string;
  /** What works, for README. */
  readonly works: string;
  /** What does not yet, or differs from AWS, for README. */
  readonly missing?: string;
  readonly operations: readonly Operation[];
}

const defaultBodyBytes = 1024 * 1024;

export function operation<
  Q extends Members = Record<never, never>,
  U extends Members = Record<never, never>,
  B extends Members = Record<never, never>,
>(definition: OperationDefinition<Q, U, B>): Operation {
  const {
    query,
    queryLists = [],
    uri,
    body,
    name,
    method,
    path,
    status,
    bodyBytes = defaultBodyBytes,
    note,
    onlyKept = [],
    refused = {},
    run,
  } = definition;
  return {
    name,
    method,
    path,
    status,
    bodyBytes,
    note,
    onlyKept,
    refused: refused as Readonly<Record<string, string>>,
    queryMembers: Object.keys(query ?? {}),
    queryLists,
    uriMembers: Object.keys(uri ?? {}),
    bodyMembers: Object.keys(body ?? {}),
    input: structure({ ...query, ...uri, ...body }),
    run: (context, input) => run(context, input as Input<Q, U, B>),
  };
}
