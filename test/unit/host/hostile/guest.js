// Runs in an isolate that has nothing but the host's callback: calls each operation with what no honest guest sends.
globalThis.__brisk_bind = (host) => (entry, specifier, factory) =>
  typeof entry === "string" ? attack(host, JSON.parse(entry)) : define(specifier, factory);

/** What the host compiled, as any guest is told of it. Contexts of odd numbers are left as they are: nothing can be run there. */
function define(specifier, factory) {
  const [, id] = /^realm:(\d+)$/.exec(specifier) ?? [];
  if (id === undefined || id % 2 === 1) return;
  const module = { exports: {} };
  factory(() => {}, module, module.exports);
  module.exports.prepare("(function again() { again(); })()");
}

/**
 * @param plan An operation's name and kind, the calls that come before, what its arguments are said to be, and what no
 * answer may hold.
 */
function attack(host, { name, kind, before, expects, rounds, seed, secrets }) {
  const random = makeRandom(seed);
  const pick = (list) => list[Math.floor(random() * list.length)];
  let nextCall = 1;
  const complaints = [];
  let answered = 0;
  let refused = 0;
  const ask = (operation, args, isOfWrongType) => {
    try {
      const answer = host(operation, ...args);
      if (answer === null) {
        refused++;
        const text = host("bridge.error");
        // The host has that one code for errors that it did not foresee.
        if (typeof text !== "string" || !/^(?!ERR_INTERNAL\n)[A-Z][A-Za-z0-9_ ]*\n/.test(text))
          complaints.push(`refused with ${String(text)}`);
        // What the guest throws as a TypeError.
        if (isOfWrongType && !/^ERR_INVALID_ARG_(TYPE|VALUE)\n/.test(text))
          complaints.push(`refused a wrong type with ${String(text)}`);
        for (const secret of secrets) if (text.includes(secret)) complaints.push(`told ${secret}: ${text}`);
      } else {
        answered++;
        if (isOfWrongType) complaints.push("took a wrong type");
        const isPlain =
          ["string", "number", "boolean", "undefined"].includes(typeof answer) ||
          answer instanceof Uint8Array;
        if (!isPlain) complaints.push(`answered ${typeof answer}`);
      }
    } catch (error) {
      refused++;
      // What can't cross at all is refused by isolated-vm, in this realm.
      if (!(error instanceof Error)) complaints.push(`threw ${typeof error}`);
      else if (secrets.some((secret) => secret.trim() !== "at" && String(error.stack).includes(secret)))
        complaints.push(`threw ${error.stack}`);
    }
  };
  for (const [operation, ...args] of before) ask(operation, args, false);
  answered = refused = 0;
  for (let round = 0; round < rounds; round++) {
    const isOdd = random() < 0.5;
    const wrong = Math.floor(random() * expects.length);
    const args = expects.map((text, index) =>
      isOdd
        ? pick(hostile)()
        : round % 3 !== 0 && index === wrong
          ? pick(hostile)()
          : expected(text, random, pick),
    );
    if (random() < 0.1) args.length = Math.floor(random() * (args.length + 1));
    if (random() < 0.1) args.push(pick(hostile)());
    const isOfWrongType = expects.some((text, index) => !isOfType(text, args[index]));
    if (kind !== "sync") args.unshift(random() < 0.8 ? nextCall++ : pick(hostile)());
    ask(name, args, isOfWrongType);
  }
  host("test.report", JSON.stringify({ answered, refused, complaints }));
}

/** Without SharedArrayBuffers, with which isolated-vm damages its heap: the bridge lets none through. */
const hostile = [
  () => undefined,
  () => null,
  () => Number.NaN,
  () => Number.POSITIVE_INFINITY,
  () => -0,
  () => -1,
  () => 1.5,
  () => 2 ** 31,
  () => 2 ** 32,
  () => 2 ** 53,
  () => -(2 ** 53),
  () => 1e308,
  () => 10n,
  () => Symbol("s"),
  () => true,
  () => "",
  () => "\ud800",
  () => "\0",
  () => "__proto__",
  () => "constructor",
  () => "../../../etc/passwd",
  () => "x".repeat(2 ** 20),
  () => "[".repeat(50_000),
  () => '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
  () => ({}),
  () => [],
  () => [1, "a"],
  () => () => 1,
  () => class {},
  () => new Proxy({}, { get: () => () => 1 }),
  () => {
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    return proxy;
  },
  () => ({
    get length() {
      throw new Error("looked at");
    },
    toString() {
      throw new Error("asked for");
    },
    valueOf: () => 1,
  }),
  () => Object("a"),
  () => Object(1),
  () => new Date(0),
  () => /a/g,
  () => new Map([[1, 2]]),
  () => Promise.resolve(1),
  () => new Error("mine"),
  () => globalThis,
  () => new Uint8Array(0),
  () => new Uint8Array(3),
  () => new Uint8Array(2 ** 20),
  () => {
    const buffer = new ArrayBuffer(8);
    const view = new Uint8Array(buffer);
    buffer.transfer();
    return view;
  },
  () => new Uint8Array(new ArrayBuffer(8, { maxByteLength: 16 })),
  () => new DataView(new ArrayBuffer(8)),
  () => new Float64Array([Number.NaN, -0]),
  () => new BigInt64Array(1),
  () => new ArrayBuffer(8),
  () => Object.setPrototypeOf(new Uint8Array(4), null),
  () => Object.defineProperty(new Uint8Array(4), "byteLength", { value: 2 ** 40 }),
];

const texts = [
  "",
  "a",
  "sha256",
  "utf-8",
  "/tmp/a",
  "/var/task",
  "aes-256-gcm",
  "gzip",
  "{}",
  "[]",
  "[1,2]",
  "null",
  '{"a":1}',
  "https://a:b@c.d/e?f#g",
  "node:path",
  "\ud800",
  "ü".repeat(300),
  "0",
  "-1",
];

const alternatives = /,? or /;

/** Whether it is of a type that the operation takes; what else may be wrong with it is for the operation to see. */
function isOfType(text, value) {
  return text.split(alternatives).some((part) => {
    if (part === "nothing") return value === undefined || value === null;
    if (/^(an integer|a number) from /.test(part)) return typeof value === "number";
    if (part === "a boolean") return typeof value === "boolean";
    if (/^at most \d+ bytes$/.test(part)) return ArrayBuffer.isView(value);
    return typeof value === "string";
  });
}

/** A value that is as the operation says it wants it, and still none that makes sense. */
function expected(text, random, pick) {
  const part = pick(text.split(alternatives));
  let match = /^(?:an integer|a number) from (\S+) to (\S+)$/.exec(part);
  if (match !== null) {
    const [least, most] = [Number(match[1]), Number(match[2])];
    // The largest are costs that the operation has to bound itself; here they would only take long.
    return pick([least, least + 1, Math.min(most, least + 1000 * random()) | 0, Math.min(most, 16)]);
  }
  match = /^one of (.+)$/.exec(part);
  if (match !== null) return pick(match[1].split(", "));
  match = /^at most (\d+) bytes$/.exec(part);
  if (match !== null) {
    const bytes = new Uint8Array(Math.min(Number(match[1]), Math.floor(random() * 64)));
    return bytes.map(() => random() * 256);
  }
  match = /^a string of at most (\d+) characters$/.exec(part);
  if (match !== null) return pick(texts).slice(0, Number(match[1]));
  if (part === "a boolean") return random() < 0.5;
  return undefined;
}

/** Numbers from 0 to 1 that follow from the seed. */
function makeRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
