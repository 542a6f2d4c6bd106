import util from "node:util";

interface Options {
  message?: string;
  actual?: unknown;
  expected?: unknown;
  operator?: string;
  stackStartFn?: unknown;
}

const headings: Readonly<Record<string, string>> = {
  deepStrictEqual: "Expected values to be strictly deep-equal:",
  notDeepStrictEqual: 'Expected "actual" not to be strictly deep-equal to:',
  strictEqual: "Expected values to be strictly equal:",
  notStrictEqual: 'Expected "actual" to be strictly unequal to:',
  deepEqual: "Expected values to be loosely deep-equal:",
  notDeepEqual: 'Expected "actual" not to be loosely deep-equal to:',
};

export class AssertionError extends Error {
  readonly code = "ERR_ASSERTION";
  readonly generatedMessage: boolean;
  readonly actual: unknown;
  readonly expected: unknown;
  readonly operator: string | undefined;

  constructor(options: Options) {
    super(options.message ?? describe(options));
    this.generatedMessage = options.message === undefined;
    this.actual = options.actual;
    this.expected = options.expected;
    this.operator = options.operator;
    Object.defineProperty(this, "name", {
      value: "AssertionError",
      enumerable: false,
      writable: true,
      configurable: true,
    });
    const { captureStackTrace } = Error as unknown as {
      captureStackTrace?: (error: Error, from: unknown) => void;
    };
    captureStackTrace?.(this, options.stackStartFn);
  }

  override toString(): string {
    return `${this.name} [${this.code}]: ${this.message}`;
  }
}

/** Both values in full rather than Node's coloured line difference. */
function describe({ actual, expected, operator = "" }: Options): string {
  const show = (value: unknown) => util.inspect(value, { depth: 1000, sorted: true });
  const heading = headings[operator];
  if (heading === undefined) return `${show(actual)} ${operator} ${show(expected)}`;
  if (operator.startsWith("not")) return `${heading}\n\n${show(expected)}\n`;
  const left = show(actual);
  const right = show(expected);
  if (operator === "strictEqual" && left.length + right.length < 12 && left !== right) {
    return `${heading}\n\n${left} !== ${right}\n`;
  }
  return `${heading}\n\nactual: ${left}\nexpected: ${right}\n`;
}
