import { z } from "zod";

/**
 * The model's constraints as zod schemas. Each violated one becomes an issue that carries AWS's own words for
 * it, which `validation-error.ts` puts together. A JSON null is an absent member, as AWS's parsers have it.
 */
export interface ConstraintIssue {
  readonly constraint: string;
  /** Values that do not belong in an error message, nor in whatever keeps it. */
  readonly sensitive: boolean;
}

export interface Limits {
  readonly min?: number;
  readonly max?: number;
}

export interface StringLimits extends Limits {
  /** Without anchors, printed as it is. */
  readonly pattern?: string;
  readonly sensitive?: boolean;
  /** CreateFunction lists a name's length even when its pattern fails too. */
  readonly listAll?: boolean;
}

/** What a member may be, as data: for whoever has to know it without trying, such as generated requests. */
export type MemberLimits =
  | ({ readonly kind: "string" } & StringLimits)
  | ({ readonly kind: "number"; readonly hasFractions?: boolean } & Limits)
  | { readonly kind: "enum"; readonly values: readonly string[] }
  | ({ readonly kind: "list"; readonly item: MemberLimits } & Limits)
  | { readonly kind: "map"; readonly key: StringLimits; readonly value: MemberLimits };

/** Limits by schema. Schemas without an entry say all there is to say by their zod type. */
export const limitsOf = z.registry<MemberLimits>();

export function str(limits: StringLimits = {}) {
  const pattern = limits.pattern === undefined ? undefined : anchored(limits.pattern);
  const schema = z.string().superRefine((value, context) => {
    const mismatch = pattern !== undefined && !pattern.test(value);
    if (mismatch) {
      addConstraint(context, `Member must satisfy regular expression pattern: ${limits.pattern}`, limits);
    }
    if (mismatch && limits.listAll !== true) return;
    for (const constraint of lengthConstraints(value.length, limits)) {
      addConstraint(context, constraint, limits);
    }
  });
  return schema.register(limitsOf, { kind: "string", ...limits });
}

export function int(limits: Limits = {}) {
  const schema = z.number().superRefine((value, context) => {
    if (!Number.isSafeInteger(value))
      return context.addIssue({ code: "invalid_type", expected: "int", input: value });
    for (const constraint of boundConstraints(value, limits)) addConstraint(context, constraint);
  });
  return schema.register(limitsOf, { kind: "number", ...limits });
}

export function double(limits: Limits = {}) {
  const schema = z.number().superRefine((value, context) => {
    for (const constraint of boundConstraints(value, limits)) addConstraint(context, constraint);
  });
  return schema.register(limitsOf, { kind: "number", hasFractions: true, ...limits });
}

export function oneOf<const T extends string>(...values: readonly T[]) {
  const schema = z.string().transform((value, context): T => {
    const found = values.find((known) => known === value);
    if (found !== undefined) return found;
    addConstraint(context, `Member must satisfy enum value set: [${values.join(", ")}]`);
    return z.NEVER;
  });
  return schema.register(limitsOf, { kind: "enum", values });
}

export const bool = () => z.boolean();

/** Numbers as query strings have them. */
export function queryInt(limits: Limits) {
  const schema = z
    .string()
    .transform((text) => (/^-?\d{1,15}$/.test(text) ? Number(text) : text))
    .pipe(int(limits));
  return schema.register(limitsOf, { kind: "number", ...limits });
}

/**
 * What an item breaks is reported of the list, as AWS does.
 * @param limits.mayHoldNulls Recorded of a VPC's lists: that an item must not be null is not among what is printed.
 */
export function list(item: StringLimits, limits: Limits & { readonly mayHoldNulls?: boolean } = {}) {
  const printed = limits.mayHoldNulls === true ? constraintsOf(item).join(", ") : describeLimits(item);
  const schema = z.array(z.string()).superRefine((values, context) => {
    for (const constraint of lengthConstraints(values.length, limits)) addConstraint(context, constraint);
    if (values.some((value) => !satisfies(value, item))) {
      addConstraint(context, `Member must satisfy constraint: [${printed}]`);
    }
  });
  return schema.register(limitsOf, { kind: "list", item: { kind: "string", ...item }, ...limits });
}

export function enumList<const T extends string>(values: readonly T[], limits: Limits = {}) {
  const schema = z.array(z.string()).transform((items, context): T[] => {
    for (const constraint of lengthConstraints(items.length, limits)) addConstraint(context, constraint);
    const known = items.filter((value): value is T => (values as readonly string[]).includes(value));
    if (known.length < items.length) {
      addConstraint(
        context,
        `Member must satisfy constraint: [Member must satisfy enum value set: [${values.join(", ")}], Member must not be null]`,
      );
    }
    return known;
  });
  return schema.register(limitsOf, { kind: "list", item: { kind: "enum", values }, ...limits });
}

export function map(key: StringLimits, value: StringLimits, sensitive = false) {
  const schema = z
    .custom<Record<string, unknown>>()
    .superRefine((entries, context) => {
      if (!isPlainObject(entries)) {
        return context.addIssue({ code: "invalid_type", expected: "record", input: entries });
      }
      for (const [name, content] of Object.entries(entries)) {
        if (typeof content === "string") continue;
        return context.addIssue({ code: "invalid_type", expected: "string", input: content, path: [name] });
      }
      if (Object.keys(entries).some((name) => !satisfies(name, key))) {
        addConstraint(context, `Map keys must satisfy constraint: [${describeLimits(key)}]`, { sensitive });
      }
      if (
        Object.values(entries).some((content) => typeof content === "string" && !satisfies(content, value))
      ) {
        addConstraint(context, `Map value must satisfy constraint: [${describeLimits(value)}]`, {
          sensitive,
        });
      }
    })
    .transform((entries) => entries as Readonly<Record<string, string>>);
  return schema.register(limitsOf, { kind: "map", key, value: { kind: "string", ...value } });
}

/** Version numbers with their share of an alias's traffic. */
export function weights() {
  const versions = { min: 1, max: 1024, pattern: "[0-9]+" };
  // Not z.record: that loses __proto__ on the way.
  const schema = z
    .custom<Record<string, unknown>>()
    .superRefine((entries, context) => {
      if (!isPlainObject(entries)) {
        return context.addIssue({ code: "invalid_type", expected: "record", input: entries });
      }
      for (const [version, weight] of Object.entries(entries)) {
        if (typeof weight === "number") continue;
        return context.addIssue({ code: "invalid_type", expected: "number", input: weight, path: [version] });
      }
      if (Object.keys(entries).some((version) => !satisfies(version, versions))) {
        // Without the "Member must not be null" that other maps' keys have: so it was recorded.
        const key = constraintsOf(versions).join(", ");
        addConstraint(context, `Map keys must satisfy constraint: [${key}]`);
      }
      if (Object.values(entries).some((weight) => !(Number(weight) >= 0 && Number(weight) <= 1))) {
        addConstraint(
          context,
          "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null]",
        );
      }
    })
    .transform((entries) => entries as Readonly<Record<string, number>>);
  const value = { kind: "number", min: 0, max: 1, hasFractions: true } as const;
  return schema.register(limitsOf, { kind: "map", key: versions, value });
}

/** Bytes, as base64. */
export function blob() {
  return z.string().transform((text, context) => {
    const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
    const digits = text.length - padding;
    const bytes = Buffer.from(text, "base64");
    // Decoding skips what is no base64: then less came out than went in.
    const isWhole = digits % 4 !== 1 && (padding === 0 || text.length % 4 === 0);
    if (isWhole && bytes.byteLength === Math.floor((digits * 3) / 4)) return bytes;
    context.addIssue({ code: "invalid_type", expected: "base64" as "string", input: "" });
    return z.NEVER;
  });
}

/** A structure; members that the model does not know are ignored, as AWS does, so that newer SDKs work. */
export function structure<T extends z.core.$ZodLooseShape>(members: T) {
  return z.object(members);
}

/** A list of structures: unlike those of strings, what an item breaks is reported of the item. */
export function structures<T extends z.ZodType>(item: T, limits: Limits = {}) {
  return z.array(item).superRefine((items, context) => {
    for (const constraint of lengthConstraints(items.length, limits)) addConstraint(context, constraint);
  });
}

/** Unix epoch, seconds, as bodies have it. */
export function timestamp() {
  return z.number().register(limitsOf, { kind: "number", hasFractions: true });
}

export function optional<T extends z.ZodType>(schema: T) {
  return schema.nullish().transform((value) => value ?? undefined);
}

function satisfies(value: string, limits: StringLimits): boolean {
  if (limits.pattern !== undefined && !anchored(limits.pattern).test(value)) return false;
  return lengthConstraints(value.length, limits).length === 0;
}

function boundConstraints(value: number, { min, max }: Limits): string[] {
  if (max !== undefined && value > max) return [`Member must have value less than or equal to ${max}`];
  if (min !== undefined && value < min) return [`Member must have value greater than or equal to ${min}`];
  return [];
}

function lengthConstraints(length: number, { min, max }: Limits): string[] {
  if (max !== undefined && length > max) return [`Member must have length less than or equal to ${max}`];
  if (min !== undefined && length < min) return [`Member must have length greater than or equal to ${min}`];
  return [];
}

function describeLimits(limits: StringLimits): string {
  return [...constraintsOf(limits), "Member must not be null"].join(", ");
}

function constraintsOf({ min, max, pattern }: StringLimits): string[] {
  return [
    max === undefined ? undefined : `Member must have length less than or equal to ${max}`,
    min === undefined ? undefined : `Member must have length greater than or equal to ${min}`,
    pattern === undefined ? undefined : `Member must satisfy regular expression pattern: ${pattern}`,
  ].filter((text) => text !== undefined);
}

function addConstraint(
  context: { addIssue(issue: { code: "custom"; params: Record<string, unknown> }): void },
  constraint: string,
  { sensitive = false }: { readonly sensitive?: boolean } = {},
): void {
  context.addIssue({ code: "custom", params: { constraint, sensitive } satisfies ConstraintIssue });
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function anchored(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`, "u");
}
