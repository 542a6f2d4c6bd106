import { expect, test } from "vitest";
import { parametersOf } from "../../../src/access/request-head.ts";
import { headOf, key, refusal, type Sent, sign, verify } from "./signing.ts";

// The promise: whatever is changed in a signed request, it is refused.

const request = {
  method: "POST",
  path: "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Ahello/invocations",
  query: { Qualifier: "live", Tag: ["b", "a c"] },
  headers: {
    "content-type": "application/json",
    "x-amz-invocation-type": "RequestResponse",
    "x-amz-client-context": "eyJhIjoxfQ==",
  },
  body: '{"account":"000000000000","amount":1}',
};
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~/;=&%,:";

/** Numbers from 0 to below `limit`, the same in each run. */
type Draw = (limit: number) => number;

function seeded(seed: number): Draw {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

type Mutation = (sent: Sent, draw: Draw) => Sent;

const characters: Record<string, (text: string, draw: Draw) => string> = {
  replaces: (text, draw) => splice(text, draw(text.length), 1, oneOf(alphabet, draw)),
  inserts: (text, draw) => splice(text, draw(text.length + 1), 0, oneOf(alphabet, draw)),
  removes: (text, draw) => splice(text, draw(text.length), 1, ""),
  swaps: (text, draw) => {
    const at = draw(text.length - 1);
    return splice(text, at, 2, `${text[at + 1]}${text[at]}`);
  },
  "changes the case of": (text, draw) => {
    const at = draw(text.length);
    const letter = text[at] ?? "";
    const other = letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase();
    return splice(text, at, 1, other);
  },
  repeats: (text, draw) => {
    const at = draw(text.length);
    return splice(text, at, 0, text.slice(at, at + 1 + draw(8)));
  },
};

const parts: Record<string, (sent: Sent, draw: Draw, change: (text: string) => string) => Sent> = {
  "the target": (sent, _, change) => ({ ...sent, target: change(sent.target) }),
  "the body": (sent, _, change) => ({ ...sent, body: change(sent.body) }),
  "a header": (sent, draw, change) => {
    const chosen = draw(sent.headers.length);
    return {
      ...sent,
      headers: sent.headers.map(
        ([name, value], at) => [name, at === chosen ? change(value) : value] as const,
      ),
    };
  },
};

const whole: Record<string, Mutation> = {
  "another method": (sent, draw) => ({ ...sent, method: oneOf(["GET", "PUT", "DELETE", "post"], draw) }),
  "a further parameter": (sent, draw) => ({
    ...sent,
    target: `${sent.target}&${oneOf(["Qualifier=prod", "x=1", "", "__proto__=1", "X-Amz-Signature=0", "x-amz-signature=0"], draw)}`,
  }),
  "a parameter less": (sent, draw) => {
    const [path = "", query = ""] = sent.target.split("?");
    const left = query.split("&");
    left.splice(draw(left.length), 1);
    return { ...sent, target: `${path}?${left.join("&")}` };
  },
  "a path that leads elsewhere or only looks so": (sent, draw) => ({
    ...sent,
    target: sent.target.replace(
      "/functions/",
      oneOf(["//functions/", "/./functions/", "/x/../functions/", "/functions//", "/functions/./"], draw),
    ),
  }),
  "a header less": (sent, draw) => ({
    ...sent,
    headers: sent.headers.toSpliced(draw(sent.headers.length), 1),
  }),
  "a header twice": (sent, draw) => ({
    ...sent,
    headers: [...sent.headers, sent.headers[draw(sent.headers.length)] ?? ["host", "x"]],
  }),
  "a header that is not signed": (sent, draw) => ({
    ...sent,
    headers: [
      ...sent.headers,
      [`x-amz-${oneOf(["log-type", "acl", "security-token", "date"], draw)}`, "Tail"],
    ],
  }),
  "an absolute target": (sent) => ({ ...sent, target: `http://127.0.0.1:9000${sent.target}` }),
};

const mutations: [string, Mutation][] = [
  ...Object.entries(parts).flatMap(([part, apply]) =>
    Object.entries(characters).map(([how, change]): [string, Mutation] => [
      `${how} ${part}`,
      (sent, draw) => apply(sent, draw, (text) => change(text, draw)),
    ]),
  ),
  ...Object.entries(whole),
];

test.each([
  ["signed in its header", {}],
  ["signed in its header, without a header for the body's hash", { withHash: false }],
  ["presigned", { expiresSeconds: 300 }],
])("200 mutations of a request %s are all refused, and it itself is not", async (_, options) => {
  const sent = await sign(request, options);
  expect(await verify(sent)).toBe(key);
  const draw = seeded(20_261_121);
  const tried = new Set([meaning(sent)]);
  const accepted: string[] = [];
  for (let round = 0; tried.size <= 200; round++) {
    const [name, mutate] = mutations[round % mutations.length] as [string, Mutation];
    const mutated = mutate(sent, draw);
    // Two ways to write the same request are one.
    const found = meaning(mutated);
    if (tried.has(found)) continue;
    tried.add(found);
    if ((await refusal(mutated)) === undefined) accepted.push(`${name}: ${JSON.stringify(mutated)}`);
    expect(round).toBeLessThan(2000);
  }
  expect(accepted).toEqual([]);
});

/** What whoever reads a request makes of it: the query decoded, its names in any order. */
function meaning(sent: Sent): string {
  const head = headOf(sent);
  const byName = Map.groupBy(parametersOf(head), ([name]) => name);
  const query = [...byName].map(([name, values]) => [name, values.map(([, value]) => value).sort()]);
  const headers = sent.headers.map(([name, value]) => [name, value.trim().replaceAll(/\s+/g, " ")]);
  return JSON.stringify([sent.method, head.path, query.sort(), headers, sent.body]);
}

function splice(text: string, at: number, count: number, insert: string): string {
  return text.slice(0, at) + insert + text.slice(at + count);
}

function oneOf<T>(choice: readonly T[] | string, draw: Draw): T {
  return choice[draw(choice.length)] as T;
}
