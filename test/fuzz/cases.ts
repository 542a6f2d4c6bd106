import { type BodyMutation, bodyMutations } from "./body-values.ts";
import { Draft } from "./draft.ts";
import { type Expectation, type FuzzCase, type Random, spoken } from "./fuzz-case.ts";
import type { FuzzedOperation, Member } from "./members.ts";
import { plainMutations } from "./plain-values.ts";
import { wholeMutations } from "./whole-requests.ts";

/** One way to spoil one operation's request; each call spoils it with other values. */
export type CaseMaker = (random: Random) => FuzzCase;

export function caseMakers(operation: FuzzedOperation): CaseMaker[] {
  const { hasBody } = new Draft(operation);
  const whole = wholeMutations(hasBody).map<CaseMaker>(({ name, expectation, make }) => (random) => ({
    operation: operation.name,
    mutation: name,
    member: undefined,
    request: make(new Draft(operation), random),
    expectation,
  }));
  return [...whole, ...operation.members.flatMap((member) => memberMakers(operation, member, []))];
}

function memberMakers(
  operation: FuzzedOperation,
  member: Member,
  above: readonly Member[],
): readonly CaseMaker[] {
  switch (member.place) {
    case "body":
      return [
        ...bodyMutations(member).map((mutation) => bodyMaker(operation, member, above, mutation)),
        ...member.members.flatMap((inner) => memberMakers(operation, inner, [...above, member])),
      ];
    case "payload":
      return [payloadMaker(operation, member)];
    default:
      return plainMakers(operation, member);
  }
}

function bodyMaker(
  operation: FuzzedOperation,
  member: Member,
  above: readonly Member[],
  { name, make }: BodyMutation,
): CaseMaker {
  return (random) => {
    const draft = new Draft(operation);
    const value = make(random);
    draft.bodyMember(member, value.text, above);
    return {
      operation: operation.name,
      mutation: name,
      member: member.path.join("."),
      request: draft.request(),
      expectation: expectation(member, value),
    };
  };
}

function plainMakers(operation: FuzzedOperation, member: Member): CaseMaker[] {
  const { place, wireName } = member;
  const makers = plainMutations(member).map<CaseMaker>(({ name, make }) => (random) => {
    const draft = new Draft(operation);
    const value = make(random);
    // In a path these are no names, but steps, or nothing at all; a header can't hold them.
    const isNoName = place === "uri" && /^\.{0,2}$/.test(value.text);
    const isNoHeader = place === "header" && /[^\x20-\xff]|^\s|\s$|^$/.test(value.text);
    if (place === "uri") draft.label(wireName, encodeURIComponent(value.text.toWellFormed()));
    if (place === "query") {
      draft.withoutQuery(wireName);
      draft.query.push([wireName, encodeURIComponent(value.text.toWellFormed())]);
    }
    if (place === "header") {
      draft.withoutHeader(wireName);
      if (!isNoHeader) draft.headers.push([wireName, value.text]);
    }
    const judged = isNoName || isNoHeader ? { ...value, isBad: false } : value;
    return {
      operation: operation.name,
      mutation: `${place}: ${name}`,
      member: member.path.join("."),
      request: draft.request(),
      expectation: expectation(member, judged),
    };
  });
  if (place !== "query") return makers;
  makers.push(() => {
    const draft = new Draft(operation);
    draft.withoutQuery(wireName);
    return {
      operation: operation.name,
      mutation: "query: missing",
      member: member.path.join("."),
      request: draft.request(),
      expectation: expectation(member, { isBad: member.isRequired }),
    };
  });
  return makers;
}

function payloadMaker(operation: FuzzedOperation, member: Member): CaseMaker {
  const texts = ["", "{", "nope", '"a', "[1,", "\0", "1e400", "{}{}", '{"a":1}', '"\\ud800"'];
  return (random) => {
    const draft = new Draft(operation);
    const text = texts[random(texts.length)] as string;
    draft.payload(Buffer.from(text));
    let isBad = false;
    try {
      if (text !== "") JSON.parse(text);
    } catch {
      isBad = true;
    }
    return {
      operation: operation.name,
      mutation: "payload",
      member: member.path.join("."),
      request: draft.request(),
      expectation: isBad ? { kind: "refused", naming: ["request body"] } : { kind: "answered" },
    };
  };
}

function expectation(
  { path }: Member,
  { isBad, without }: { readonly isBad: boolean; readonly without?: string },
): Expectation {
  const name = spoken(path);
  if (isBad) return { kind: "refused", naming: [`'${name}'`, `'${name}.`] };
  return without === undefined ? { kind: "answered" } : { kind: "answered", without };
}
