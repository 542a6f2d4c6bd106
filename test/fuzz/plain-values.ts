import { matcher } from "./body-values.ts";
import { pick, type Random } from "./fuzz-case.ts";
import type { Member } from "./members.ts";
import { oddText, plainText } from "./odd-texts.ts";

// Members in paths, queries and headers: there everything is text.

export interface PlainValue {
  readonly text: string;
  readonly isBad: boolean;
  readonly without?: string;
}

export interface PlainMutation {
  readonly name: string;
  make(random: Random): PlainValue;
}

export function plainMutations(member: Member): PlainMutation[] {
  const { limits } = member;
  const mutations: PlainMutation[] = [
    { name: "odd text", make: (random) => judged(member, oddText(random)) },
    { name: "long text", make: (random) => judged(member, "a".repeat(2000 + random(2000))) },
  ];
  if (limits?.kind === "number") {
    const { min, max } = limits;
    const odd = [
      "abc",
      "",
      " 1",
      "1.5",
      "1e3",
      "0x10",
      "+1",
      "-",
      "٣",
      "NaN",
      "9".repeat(400),
      "1,2",
      "null",
    ];
    mutations.push({ name: "odd number", make: (random) => judged(member, pick(random, odd)) });
    if (max !== undefined) mutations.push({ name: "value + 1", make: () => judged(member, String(max + 1)) });
    if (min !== undefined) mutations.push({ name: "value - 1", make: () => judged(member, String(min - 1)) });
    if (max !== undefined) {
      mutations.push({
        name: "value",
        make: () => ({ ...judged(member, String(max)), without: `value less than or equal to ${max}` }),
      });
    }
  }
  if (limits?.kind === "string") {
    const { min = 0, max } = limits;
    if (max !== undefined && max < 10_000) {
      mutations.push({ name: "length + 1", make: () => judged(member, plainText(max + 1)) });
      mutations.push({
        name: "length",
        make: () => ({ ...judged(member, plainText(max)), without: `length less than or equal to ${max}` }),
      });
    }
    if (min > 1) mutations.push({ name: "length - 1", make: () => judged(member, plainText(min - 1)) });
  }
  if (limits?.kind === "enum") {
    const { values } = limits;
    const near = (random: Random) =>
      pick(random, [pick(random, values).toLowerCase(), `${pick(random, values)} `, "x", oddText(random)]);
    mutations.push({ name: "enum", make: (random) => judged(member, near(random)) });
  }
  return mutations;
}

function judged({ limits, isKnown }: Member, text: string): PlainValue {
  return { text, isBad: isKnown && limits !== undefined && isRefused(text, limits) };
}

function isRefused(text: string, limits: NonNullable<Member["limits"]>): boolean {
  // A lone surrogate becomes U+FFFD on its way into a path or a query.
  const sent = text.toWellFormed();
  switch (limits.kind) {
    case "enum":
      return !limits.values.includes(sent);
    case "number": {
      const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = limits;
      return !/^-?\d{1,15}$/.test(sent) || Number(sent) < min || Number(sent) > max;
    }
    case "string": {
      const { min = 0, max = Number.POSITIVE_INFINITY, pattern } = limits;
      return !matcher(pattern)(sent) || sent.length < min || sent.length > max;
    }
    case "list":
      return isRefused(sent, limits.item);
    default:
      return false;
  }
}
