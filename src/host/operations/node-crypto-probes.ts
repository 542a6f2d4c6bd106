import * as crypto from "node:crypto";

type Options = Readonly<Record<string, unknown>>;

/** What Node throws for arguments that it does not take, before it starts anything. */
const ofArguments =
  /^ERR_(INVALID_ARG|OUT_OF_RANGE|INCOMPATIBLE|MISSING|CRYPTO_(INVALID|UNKNOWN|INCOMPATIBLE))/;

/**
 * Of a job that has to wait: throws at once what Node would throw for its arguments. Node only looks at them when it
 * starts, so it is given a job of the same kind that takes no time.
 */
export function probe(name: string, args: readonly unknown[]): void {
  const small = smaller[name]?.(args);
  if (small === undefined) return;
  const run = (crypto as unknown as Record<string, (...args: readonly unknown[]) => unknown>)[`${name}Sync`];
  try {
    run?.(...small);
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code === "string" && ofArguments.test(code)) throw error;
  }
}

/** With every number that says how long it takes made small, if it is one that Node takes. */
const smaller: Readonly<Record<string, (args: readonly unknown[]) => readonly unknown[] | undefined>> = {
  pbkdf2: ([password, salt, iterations, length, digest]) => [
    password,
    salt,
    atMost(1, iterations),
    atMost(1, length),
    digest,
  ],
  scrypt: ([password, salt, length, options]) => {
    const { N, cost = N, r, p } = optionsOf(options);
    const isPower = typeof cost === "number" && cost > 1 && (cost & (cost - 1)) === 0;
    // A cost that is no power of two is not long either.
    if (!isPower && cost !== undefined) return undefined;
    return [password, salt, atMost(1, length), { N: 2, r: atMost(1, r), p: atMost(1, p) }];
  },
  argon2: ([algorithm, parameters]) => {
    const { memory, passes, parallelism } = optionsOf(parameters);
    const lanes = typeof parallelism === "number" ? parallelism : 1;
    return [
      algorithm,
      { ...optionsOf(parameters), memory: atMost(8 * lanes, memory), passes: atMost(1, passes) },
    ];
  },
  generateKeyPair: ([type, options]) => {
    const { modulusLength, primeLength } = optionsOf(options);
    const lengths = { modulusLength: atMost(512, modulusLength), primeLength: atMost(64, primeLength) };
    const given = Object.entries(lengths).filter(([name]) => optionsOf(options)[name] !== undefined);
    return [type, { ...optionsOf(options), ...Object.fromEntries(given) }];
  },
  checkPrime: ([, options]) => [
    7n,
    { ...optionsOf(options), checks: atMost(1, optionsOf(options)["checks"]) },
  ],
  generatePrime: ([size, options]) =>
    optionsOf(options)["add"] === undefined ? [atMost(32, size), options] : undefined,
};

function atMost(max: number, value: unknown): unknown {
  return typeof value === "number" && Number.isInteger(value) && value > max && value < 2 ** 31 ? max : value;
}

function optionsOf(value: unknown): Options {
  return typeof value === "object" && value !== null ? (value as Options) : {};
}
