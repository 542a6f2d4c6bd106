import type { z } from "zod";
import { operations } from "../../src/http/lambda-api/operations/index.ts";
import { limitsOf, type MemberLimits } from "../../src/http/lambda-api/shapes.ts";
import { functionNamePattern } from "../../src/model/function-arn.ts";
import { type ModelMember, modelOperations, type Place, type Shape } from "./service-model.ts";

/** A member of a request, at any depth. */
export interface Member {
  /** From the request down, in the model's names. */
  readonly path: readonly string[];
  readonly place: Place;
  readonly wireName: string;
  readonly shape: Shape;
  readonly isRequired: boolean;
  /** Whether our table has it. Members that it has not are ignored, whatever they are. */
  readonly isKnown: boolean;
  readonly limits: MemberLimits | undefined;
  readonly members: readonly Member[];
}

export interface FuzzedOperation {
  readonly name: string;
  readonly method: string;
  /** Without its fixed query. */
  readonly path: string;
  readonly fixedQuery: string;
  readonly members: readonly Member[];
}

/** What Invoke's members may be: it has no row in the table, since it streams. */
const invokeLimits: Readonly<Record<string, MemberLimits>> = {
  InvocationType: { kind: "enum", values: ["Event", "RequestResponse", "DryRun"] },
  LogType: { kind: "enum", values: ["None", "Tail"] },
  Qualifier: { kind: "string", min: 1, max: 128, pattern: "\\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+" },
  FunctionName: { kind: "string", min: 1, max: 256, pattern: functionNamePattern },
  ClientContext: { kind: "string", max: 3583 },
};

const streamLimits: typeof invokeLimits = {
  ...invokeLimits,
  InvocationType: { kind: "enum", values: ["RequestResponse", "DryRun"] },
};

/** The operations that Brisk has: members and types from the service's model, limits from our table. */
export function fuzzedOperations(): FuzzedOperation[] {
  const model = modelOperations();
  const rows = operations.map(({ name, input }) => ({
    name,
    input: input as z.ZodType | undefined,
    limits: undefined,
  }));
  const streamed = [
    { name: "Invoke", input: undefined, limits: invokeLimits },
    { name: "InvokeWithResponseStream", input: undefined, limits: streamLimits },
  ];
  return [...rows, ...streamed].map(({ name, input, limits }) => {
    const operation = model.get(name);
    if (operation === undefined) throw new Error(`The SDK's model has no operation ${name}`);
    const [path = "", fixedQuery = ""] = operation.path.split("?");
    const schemas = input === undefined ? undefined : membersOf(input);
    const members = operation.members.map((member) => {
      if (schemas === undefined) return toMember(member, [], undefined, limits?.[member.name]);
      // Our table has a query's members by the names of their keys.
      return toMember(member, [], schemas.get(member.place === "query" ? member.wireName : member.name));
    });
    return { name, method: operation.method, path, fixedQuery, members };
  });
}

function toMember(
  member: ModelMember,
  above: readonly string[],
  schema: z.ZodType | undefined,
  limits = schema && findLimits(schema),
): Member {
  const path = [...above, member.place === "query" ? member.wireName : member.name];
  const schemas = (schema && membersOf(schema)) ?? new Map();
  const { shape } = member;
  const isKnown = schema !== undefined || limits !== undefined;
  return {
    path,
    place: member.place,
    wireName: member.wireName,
    shape,
    isRequired: member.isRequired,
    isKnown,
    limits,
    members:
      shape.kind === "structure"
        ? shape.members.map((inner) => toMember(inner, path, schemas.get(inner.name)))
        : [],
  };
}

/** What `optional()` and transforms wrap. */
function unwrap(schema: z.ZodType): z.ZodType | undefined {
  const { def } = schema as unknown as { def: { type: string; in?: z.ZodType; innerType?: z.ZodType } };
  return def.type === "pipe" ? def.in : def.innerType;
}

function findLimits(schema: z.ZodType): MemberLimits | undefined {
  for (let at: z.ZodType | undefined = schema; at !== undefined; at = unwrap(at)) {
    const found = limitsOf.get(at);
    if (found !== undefined) return found;
  }
  return undefined;
}

function membersOf(schema: z.ZodType): ReadonlyMap<string, z.ZodType> | undefined {
  for (let at: z.ZodType | undefined = schema; at !== undefined; at = unwrap(at)) {
    const { def } = at as unknown as { def: { type: string; shape?: Record<string, z.ZodType> } };
    if (def.type === "object") return new Map(Object.entries(def.shape ?? {}));
  }
  return undefined;
}
