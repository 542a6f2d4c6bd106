import type { MemberLimits } from "../../src/http/lambda-api/shapes.ts";
import { pick, type Random } from "./fuzz-case.ts";
import type { Member } from "./members.ts";
import { oddText, plainText } from "./odd-texts.ts";
import { sampleStructure } from "./samples.ts";

/** What a mutation makes of a member of a body. */
export interface BodyValue {
  /** JSON, or nearly; undefined leaves the member out. */
  readonly text: string | undefined;
  /** Whether there is a reason to refuse it. Without one it may be refused all the same, by a rule. */
  readonly isBad: boolean;
  /** What a refusal must not say. */
  readonly without?: string;
}

export interface BodyMutation {
  readonly name: string;
  make(random: Random): BodyValue;
}

const json = (value: unknown) => JSON.stringify(value);
const bad = (text: string | undefined): BodyValue => ({ text, isBad: true });
const maybe = (text: string | undefined): BodyValue => ({ text, isBad: false });

/** Everything that can be done to a member whose place is a JSON body. */
export function bodyMutations(member: Member): BodyMutation[] {
  const mutations = member.limits?.kind === "enum" ? enumValues(member.limits.values) : [];
  switch (member.shape.kind) {
    case "string":
      mutations.push(...stringValues(member.limits));
      break;
    case "number":
      mutations.push(...numberValues(member.limits));
      break;
    case "blob":
      mutations.push(...blobValues());
      break;
    case "list":
      mutations.push(...listValues(member));
      break;
    case "map":
      mutations.push(...mapValues(member.limits));
      break;
    case "structure":
      mutations.push(...structureValues(member));
      break;
    default:
  }
  mutations.push(...wrongTypes(member), ...absences(member));
  // What our table has not is ignored.
  return member.isKnown ? mutations : mutations.map(ignored);
}

function ignored({ name, make }: BodyMutation): BodyMutation {
  return { name, make: (random) => ({ text: make(random).text, isBad: false }) };
}

const jsonTypes: Readonly<Record<string, readonly string[]>> = {
  string: ['"a"', '""', '"1"', '"true"'],
  number: ["0", "1", "-1.5", "1e400"],
  boolean: ["true", "false"],
  list: ["[]", "[1]", "[[[]]]", '["a",{}]'],
  structure: ["{}", '{"a":1}', '{"__proto__":{"a":1}}', '{"toString":"a"}'],
};
const jsonTypeOf: Readonly<Record<string, readonly string[]>> = {
  string: ["string"],
  number: ["number"],
  boolean: ["boolean"],
  // Clients may write a time in two ways, and the server may take both.
  timestamp: ["number", "string"],
  blob: ["string"],
  list: ["list"],
  map: ["structure"],
  structure: ["structure"],
};

function wrongTypes({ shape }: Member): BodyMutation[] {
  const right = jsonTypeOf[shape.kind] ?? [];
  const wrong = Object.entries(jsonTypes).filter(([type]) => !right.includes(type));
  const nested = (random: Random) => "[".repeat(1000) + "]".repeat(1000) + " ".repeat(random(2));
  return [
    ...wrong.map(([type, texts]) => ({
      name: `type: ${type}`,
      make: (random: Random) => bad(pick(random, texts)),
    })),
    ...(right.includes("list")
      ? []
      : [{ name: "deep nesting", make: (random: Random) => bad(nested(random)) }]),
  ];
}

function absences({ isRequired }: Member): BodyMutation[] {
  const absent = isRequired ? bad : maybe;
  return [
    { name: "null", make: () => absent("null") },
    { name: "missing", make: () => absent(undefined) },
  ];
}

function enumValues(values: readonly string[]): BodyMutation[] {
  const near = (random: Random) => {
    const value = pick(random, values);
    return pick(random, [
      value.toLowerCase() === value ? value.toUpperCase() : value.toLowerCase(),
      `${value} `,
      `${value}\0`,
      value.slice(1),
      "",
      oddText(random),
    ]);
  };
  return [
    {
      name: "enum",
      make: (random) => {
        const text = near(random);
        return { text: json(text), isBad: !values.includes(text) };
      },
    },
  ];
}

function stringValues(limits: MemberLimits | undefined): BodyMutation[] {
  const { min = 0, max, pattern } = limits?.kind === "string" ? limits : {};
  const matches = matcher(pattern);
  const isBad = (text: string) =>
    limits?.kind === "enum"
      ? !limits.values.includes(text)
      : !matches(text) || text.length < min || text.length > (max ?? Number.POSITIVE_INFINITY);
  const value = (text: string): BodyValue => ({ text: json(text), isBad: isBad(text) });
  const mutations: BodyMutation[] = [
    { name: "odd text", make: (random) => value(oddText(random)) },
    { name: "huge text", make: (random) => value(pick(random, ["a", "é", "💥", "\0"]).repeat(20_000)) },
  ];
  if (max !== undefined) {
    const atMost = plainText(max);
    mutations.push({ name: "length + 1", make: () => value(plainText(max + 1)) });
    mutations.push({
      name: "length",
      make: () => ({ ...value(atMost), without: `length less than or equal to ${max}` }),
    });
  }
  if (min > 0) mutations.push({ name: "length - 1", make: () => value(plainText(min - 1)) });
  return mutations;
}

function numberValues(limits: MemberLimits | undefined): BodyMutation[] {
  const { min, max, hasFractions = false } = limits?.kind === "number" ? limits : {};
  const isBad = (value: number) =>
    !(hasFractions || Number.isSafeInteger(value)) ||
    value < (min ?? Number.NEGATIVE_INFINITY) ||
    value > (max ?? Number.POSITIVE_INFINITY);
  const text = (given: string): BodyValue => ({ text: given, isBad: isBad(Number(given)) });
  const odd = ["0", "-0", "1e2", "1.0", "-1", "2147483648", "9007199254740993", "1e308", "-1e308", "1e400"];
  const mutations: BodyMutation[] = [
    { name: "odd number", make: (random) => text(pick(random, odd)) },
    { name: "fraction", make: (random) => text(`${random(1000)}.5`) },
    { name: "huge number", make: (random) => text("9".repeat(100 + random(2000))) },
  ];
  if (max !== undefined) {
    mutations.push({ name: "value + 1", make: () => text(String(max + 1)) });
    mutations.push({
      name: "value",
      make: () => ({ ...text(String(max)), without: `value less than or equal to ${max}` }),
    });
  }
  if (min !== undefined) {
    mutations.push({ name: "value - 1", make: () => text(String(min - 1)) });
    mutations.push({
      name: "value",
      make: () => ({ ...text(String(min)), without: `value greater than or equal to ${min}` }),
    });
  }
  return mutations;
}

function blobValues(): BodyMutation[] {
  const wrong = ["not base64!", "%", "\0", "a b", "é", "💥", "=", "a=a=", "YQ==YQ=="];
  const unusual = ["", "YQ", "YQ=", "YQ\n==", "__--", "A".repeat(4000)];
  return [
    { name: "bad base64", make: (random) => bad(json(pick(random, wrong))) },
    { name: "unusual base64", make: (random) => maybe(json(pick(random, unusual))) },
  ];
}

function listValues({ shape, limits }: Member): BodyMutation[] {
  const { min = 0, max, item } = limits?.kind === "list" ? limits : {};
  const inner = shape.kind === "list" ? shape.item.kind : "string";
  const good = item?.kind === "enum" ? (item.values[0] ?? "a") : "a";
  const mutations: BodyMutation[] = [
    { name: "empty list", make: () => ({ text: "[]", isBad: min > 0 }) },
    { name: "deep nesting", make: () => bad("[".repeat(1000) + "]".repeat(1000)) },
    { name: "item: number", make: () => bad("[1]") },
    { name: "item: list", make: () => bad("[[]]") },
    { name: "item: null", make: () => bad("[null]") },
  ];
  if (inner !== "structure" && inner !== "map") {
    mutations.push({ name: "item: structure", make: () => bad("[{}]") });
    mutations.push({
      name: "huge list",
      make: () => ({ text: json(new Array(20_000).fill(good)), isBad: max !== undefined }),
    });
  }
  if (inner !== "string") return mutations;
  mutations.push({
    name: "item: odd text",
    make: (random) => {
      const text = oddText(random);
      return { text: json([text]), isBad: item !== undefined && breaks(text, item) };
    },
  });
  if (max !== undefined) {
    mutations.push({ name: "length + 1", make: () => bad(json(new Array(max + 1).fill(good))) });
  }
  if (item?.kind === "string" && item.max !== undefined) {
    const long = plainText(item.max + 1);
    mutations.push({ name: "item: length + 1", make: () => bad(json([long])) });
  }
  return mutations;
}

function mapValues(limits: MemberLimits | undefined): BodyMutation[] {
  // The table has a structure where the model has a map: what else is in it is ignored.
  const wrong = limits === undefined ? maybe : bad;
  const { key = {}, value } = limits?.kind === "map" ? limits : {};
  const good = value?.kind === "number" ? "0.5" : '"a"';
  const entry = (name: string, content: string): BodyValue => {
    const isBad =
      limits !== undefined &&
      (breaks(name, { kind: "string", ...key }) || (value?.kind === "number" && !/^[\d.]+$/.test(content)));
    return { text: `{${json(name)}:${content}}`, isBad };
  };
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "length", ""];
  return [
    { name: "odd key", make: (random) => entry(oddText(random), good) },
    { name: "__proto__ key", make: (random) => entry(pick(random, names), good) },
    { name: "__proto__ value", make: () => wrong('{"__proto__":{"a":1}}') },
    { name: "long key", make: () => entry("a".repeat(20_000), good) },
    { name: "value: list", make: () => wrong('{"a1":[]}') },
    { name: "value: null", make: () => wrong('{"a1":null}') },
    { name: "repeated key", make: () => maybe(`{"a1":${good},"a1":${good}}`) },
    {
      name: "huge map",
      make: () => maybe(`{${Array.from({ length: 5000 }, (_, n) => `"a${n}":${good}`).join()}}`),
    },
    value?.kind === "number"
      ? { name: "value: bounds", make: (random) => bad(`{"1":${pick(random, ["-0.1", "1.1", "1e308"])}}`) }
      : {
          name: "value: odd text",
          make: (random) => {
            const text = oddText(random);
            const isBad = value !== undefined && breaks(text, value);
            return { text: `{"a1":${json(text)}}`, isBad };
          },
        },
  ];
}

function structureValues(member: Member): BodyMutation[] {
  const known = json(sampleStructure(member));
  const isIncomplete = member.members.some(({ isRequired, isKnown }) => isRequired && isKnown);
  return [
    { name: "empty structure", make: () => ({ text: "{}", isBad: isIncomplete }) },
    {
      name: "unknown member",
      make: () => maybe(`{"FromTheFuture":[{}],${known.slice(1)}`.replace(",}", "}")),
    },
    {
      name: "__proto__ member",
      make: () => maybe(`{"__proto__":{"a":1},${known.slice(1)}`.replace(",}", "}")),
    },
  ];
}

/** Whether a text is refused as such an item, key or value. */
function breaks(text: string, limits: MemberLimits): boolean {
  if (limits.kind === "enum") return !limits.values.includes(text);
  if (limits.kind !== "string") return false;
  const { min = 0, max = Number.POSITIVE_INFINITY, pattern } = limits;
  return !matcher(pattern)(text) || text.length < min || text.length > max;
}

export function matcher(pattern: string | undefined): (text: string) => boolean {
  if (pattern === undefined) return () => true;
  const whole = new RegExp(`^(?:${pattern})$`, "u");
  return (text) => whole.test(text);
}
