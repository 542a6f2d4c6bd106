import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as sdk from "@aws-sdk/client-lambda";

// The SDK carries Lambda's service model as data: each schema is an array whose first item says what it is. It
// has names, types, places and which members are required; lengths, patterns and enums it has not.

export type ScalarKind = "string" | "number" | "boolean" | "timestamp" | "blob";

export type Shape =
  | { readonly kind: ScalarKind }
  | { readonly kind: "list"; readonly item: Shape }
  | { readonly kind: "map"; readonly value: Shape }
  | { readonly kind: "structure"; readonly members: readonly ModelMember[] };

export type Place = "uri" | "query" | "header" | "payload" | "body";

export interface ModelMember {
  readonly name: string;
  readonly shape: Shape;
  readonly isRequired: boolean;
  /** Inside structures always "body". */
  readonly place: Place;
  /** The name of a query's key or of a header; else the member's. */
  readonly wireName: string;
}

export interface ModelOperation {
  readonly name: string;
  readonly method: string;
  /** With `{Member}` for what is in the path, and the fixed query if there is one. */
  readonly path: string;
  readonly status: number;
  readonly members: readonly ModelMember[];
}

/** Every operation of the service, by name. */
export function modelOperations(): ReadonlyMap<string, ModelOperation> {
  const found = Object.values(sdk).filter((value) => Array.isArray(value) && value[0] === operationSchema);
  return new Map(found.map((schema) => toOperation(schema as unknown as Static)).map((op) => [op.name, op]));
}

/** The HTTP status of every error that the service's model has, by its code. */
export function modelErrors(): ReadonlyMap<string, number> {
  const errors = Object.values(sdk as Record<string, unknown>).filter(
    (value): value is Static => Array.isArray(value) && value[0] === errorSchema,
  );
  return new Map(
    errors.flatMap(([, , name, traits]) => {
      const { httpError } = (traits === 0 ? {} : traits) as { httpError?: number };
      return httpError === undefined ? [] : [[String(name), httpError] as const];
    }),
  );
}

/** The errors that the SDK's documentation of an operation names. */
export function documentedErrors(operation: string): ReadonlySet<string> {
  let found = documented.get(operation);
  if (found === undefined) {
    const types = join(
      dirname(fileURLToPath(import.meta.resolve("@aws-sdk/client-lambda"))),
      "../dist-types",
    );
    const text = readFileSync(join(types, `commands/${operation}Command.d.ts`), "utf8");
    found = new Set([...text.matchAll(/@throws \{@link (\w+)\}/g)].map(([, name]) => name as string));
    documented.set(operation, found);
  }
  return found;
}
const documented = new Map<string, ReadonlySet<string>>();

type Static = readonly unknown[];

const errorSchema = -3;
const [simpleSchema, listSchema, mapSchema, structureSchema, operationSchema] = [0, 1, 2, 3, 9];
/** Bits that turn the number of a simple type into a list or a map of it. */
const [ofList, ofMap] = [64, 128];
/** Traits of a member that come as a number. */
const [labelTrait, payloadTrait] = [1, 16];

function toOperation([, , name, traits, input]: Static): ModelOperation {
  const { http } = traits as { http: [method: string, path: string, status: number] };
  const shape = toShape(input);
  return {
    name: String(name),
    method: http[0],
    path: http[1],
    status: http[2],
    members: shape.kind === "structure" ? shape.members : [],
  };
}

function toShape(reference: unknown): Shape {
  const schema = typeof reference === "function" ? reference() : reference;
  if (typeof schema === "number") {
    if (schema >= ofMap) return { kind: "map", value: toShape(schema - ofMap) };
    if (schema >= ofList) return { kind: "list", item: toShape(schema - ofList) };
    return { kind: scalarKind(schema) };
  }
  // An operation without input has the unit type, a word.
  if (!Array.isArray(schema)) return { kind: "structure", members: [] };
  // The target of a member that has traits.
  if (typeof schema[0] === "function" || (schema.length === 2 && typeof schema[1] !== "string")) {
    return toShape(schema[0]);
  }
  switch (schema[0]) {
    case simpleSchema:
      return toShape(schema[4]);
    case listSchema:
      return { kind: "list", item: toShape(schema[4]) };
    case mapSchema:
      return { kind: "map", value: toShape(schema[5]) };
    case structureSchema:
      return { kind: "structure", members: toMembers(schema) };
    default:
      throw new Error(`The SDK has a schema of a kind that is not known here: ${schema[0]}`);
  }
}

function toMembers([, , , , names, types, required = 0]: Static): ModelMember[] {
  return (names as string[]).map((name, index) => {
    const reference = (types as unknown[])[index];
    const traits = Array.isArray(reference) ? (reference[1] as unknown) : 0;
    return {
      name,
      shape: toShape(reference),
      // Those that are required come first, and their number last.
      isRequired: index < Number(required),
      ...toPlace(name, traits),
    };
  });
}

function toPlace(name: string, traits: unknown): Pick<ModelMember, "place" | "wireName"> {
  if (typeof traits === "object" && traits !== null) {
    const { httpQuery, httpHeader } = traits as { httpQuery?: string; httpHeader?: string };
    if (httpQuery !== undefined) return { place: "query", wireName: httpQuery };
    if (httpHeader !== undefined) return { place: "header", wireName: httpHeader };
  }
  const bits = Number(traits) || 0;
  if (bits & labelTrait) return { place: "uri", wireName: name };
  return { place: bits & payloadTrait ? "payload" : "body", wireName: name };
}

function scalarKind(type: number): ScalarKind {
  switch (type) {
    case 0:
      return "string";
    case 1:
      return "number";
    case 2:
      return "boolean";
    case 4:
    case 5:
    case 6:
    case 7:
      return "timestamp";
    case 21:
    case 42:
      return "blob";
    default:
      throw new Error(`The SDK has a type that is not known here: ${type}`);
  }
}
