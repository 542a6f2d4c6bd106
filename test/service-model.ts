import * as sdk from "@aws-sdk/client-lambda";

/** What the AWS SDK knows of a member's form. */
export type ModelShape =
  | { readonly kind: "structure"; readonly members: ReadonlyMap<string, () => ModelShape> }
  | { readonly kind: "list"; readonly item: () => ModelShape }
  | { readonly kind: "map" }
  | { readonly kind: "scalar" };

/** An operation as the service model of the AWS SDK has it. */
export interface ModelOperation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly uri: readonly string[];
  /** Names as they are on the wire. */
  readonly query: readonly string[];
  readonly header: readonly string[];
  readonly body: ReadonlyMap<string, () => ModelShape>;
  readonly output: ModelShape;
}

// The SDK's schemas are arrays that begin with what they are: -3 and 3 a structure, 1 a list, 2 a map, 9 an operation,
// a number alone is a scalar, with 64 added a list of it and with 128 a map.
type Schema = readonly [kind: number, namespace: string, name: string, traits: unknown, ...rest: unknown[]];
const [structureKind, errorKind, listKind, mapKind, operationKind] = [3, -3, 1, 2, 9];
const [labelTrait, payloadTrait] = [1, 16];

const schemas = Object.values(sdk).filter((value): value is never =>
  Array.isArray(value),
) as unknown as Schema[];

export const modelOperations: readonly ModelOperation[] = schemas
  .filter(([kind]) => kind === operationKind)
  .map(toOperation);

/** By the error's code: the members of its body. */
export const modelErrors: ReadonlyMap<string, readonly string[]> = new Map(
  schemas
    .filter(([kind]) => kind === errorKind)
    .map(([, , name, , members]) => [name, members as readonly string[]]),
);

function toOperation([, , name, traits, input, output]: Schema): ModelOperation {
  const [method, path, status] = (traits as { http: [string, string, number] }).http;
  const uri: string[] = [];
  const query: string[] = [];
  const header: string[] = [];
  const body = new Map<string, () => ModelShape>();
  for (const [member, schema, place] of membersOf((input as () => Schema)())) {
    const { httpQuery, httpHeader } = place as { httpQuery?: string; httpHeader?: string };
    if (place === labelTrait) uri.push(member);
    else if (httpQuery !== undefined) query.push(httpQuery);
    else if (httpHeader !== undefined) header.push(member);
    else if (place !== payloadTrait) body.set(member, () => toShape(schema));
  }
  return { name, method, path, status, uri, query, header, body, output: toShape(output) };
}

/** Name, schema and traits. */
function membersOf(structure: Schema): (readonly [string, unknown, unknown])[] {
  const [kind, , , , names, types] = structure;
  if (kind !== structureKind) return [];
  return (names as string[]).map((name, index) => {
    const type = (types as unknown[])[index];
    // With traits it is a pair; a schema that is not referred to by a function is longer.
    return Array.isArray(type) && type.length === 2 ? [name, type[0], type[1]] : [name, type, 0];
  });
}

function toShape(reference: unknown): ModelShape {
  const schema = typeof reference === "function" ? (reference as () => unknown)() : reference;
  if (typeof schema === "number") {
    if ((schema & 64) !== 0) return { kind: "list", item: () => ({ kind: "scalar" }) };
    return { kind: (schema & 128) === 0 ? "scalar" : "map" };
  }
  if (!Array.isArray(schema)) return { kind: "scalar" };
  const [kind] = schema as unknown as Schema;
  if (kind === structureKind) {
    const members = membersOf(schema as unknown as Schema);
    return {
      kind: "structure",
      members: new Map(members.map(([name, type]) => [name, () => toShape(type)])),
    };
  }
  if (kind === listKind) {
    const item = schema[4] as unknown;
    return { kind: "list", item: () => toShape(Array.isArray(item) && item.length === 2 ? item[0] : item) };
  }
  return { kind: kind === mapKind ? "map" : "scalar" };
}

/** Every member below a shape, as `Code.ZipFile`; `[]` is a list's item. */
export function memberPaths(shape: ModelShape, prefix = ""): string[] {
  if (shape.kind === "list") return memberPaths(shape.item(), `${prefix}[]`);
  if (shape.kind !== "structure") return [];
  return [...shape.members].flatMap(([name, member]) => {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    return [path, ...memberPaths(member(), path)];
  });
}
