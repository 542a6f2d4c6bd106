import { asInterface } from "../interface.ts";

const codes: Readonly<Record<string, number>> = {
  IndexSizeError: 1,
  HierarchyRequestError: 3,
  WrongDocumentError: 4,
  InvalidCharacterError: 5,
  NoModificationAllowedError: 7,
  NotFoundError: 8,
  NotSupportedError: 9,
  InUseAttributeError: 10,
  InvalidStateError: 11,
  SyntaxError: 12,
  InvalidModificationError: 13,
  NamespaceError: 14,
  InvalidAccessError: 15,
  TypeMismatchError: 17,
  SecurityError: 18,
  NetworkError: 19,
  AbortError: 20,
  URLMismatchError: 21,
  QuotaExceededError: 22,
  TimeoutError: 23,
  InvalidNodeTypeError: 24,
  DataCloneError: 25,
};

const { captureStackTrace } = Error as unknown as { captureStackTrace(error: Error, above: unknown): void };
const { defineProperty, hasOwn } = Object;

/** What its constructor is given, and gives back: a class below it puts private fields on what is no instance of it. */
const Same = function (this: unknown, value: object) {
  return value;
} as unknown as new (
  value: object,
) => object;

/** The private half of an exception: the fields say that the error is one. */
class Named extends Same {
  readonly #name: string;
  readonly #message: string;

  constructor(error: Error, name: string, message: string) {
    super(error);
    this.#name = name;
    this.#message = message;
  }
  static nameOf(error: object): string {
    return (error as Named).#name;
  }
  static messageOf(error: object): string {
    return (error as Named).#message;
  }
}

/**
 * The web's error with a name. Its instances are true errors to V8, though it is no class below Error: Web IDL has
 * only the prototypes follow each other.
 */
export class DOMException {
  declare readonly stack: string;

  constructor(message: unknown = "", options: unknown = "Error") {
    const error = new Error() as Error & DOMException;
    Object.setPrototypeOf(error, new.target.prototype);
    const text = `${message}`;
    if (typeof options === "object" && options !== null) {
      const { name, cause } = options as { name?: unknown; cause?: unknown };
      new Named(error, name === undefined ? "Error" : `${name}`, text);
      if ("cause" in options) {
        defineProperty(error, "cause", {
          value: cause,
          configurable: true,
          writable: true,
          enumerable: false,
        });
      }
    } else {
      new Named(error, `${options}`, text);
    }
    // V8 wrote the stack's first line before there was a name and a message.
    captureStackTrace(error, new.target);
    // biome-ignore lint/correctness/noConstructorReturn: only what Error makes is an error to V8
    return error;
  }

  get name(): string {
    return Named.nameOf(this);
  }

  get message(): string {
    return Named.messageOf(this);
  }

  get code(): number {
    const name = Named.nameOf(this);
    return hasOwn(codes, name) ? (codes[name] ?? 0) : 0;
  }
}
Object.setPrototypeOf(DOMException.prototype, Error.prototype);
asInterface(DOMException, "DOMException");

// Constants of errors that exist no more, or whose constant is not named after them.
const others: Readonly<Record<string, number>> = {
  DOMSTRING_SIZE_ERR: 2,
  NO_DATA_ALLOWED_ERR: 6,
  INUSE_ATTRIBUTE_ERR: 10,
  VALIDATION_ERR: 16,
  URL_MISMATCH_ERR: 21,
};

function defineConstant(name: string, value: number): void {
  const property = { value, enumerable: true, configurable: false, writable: false };
  defineProperty(DOMException, name, property);
  defineProperty(DOMException.prototype, name, property);
}

for (const name in others) defineConstant(name, others[name]!);
for (const name in codes) {
  if (name === "InUseAttributeError" || name === "URLMismatchError") continue;
  const words = name.replace(/Error$/, "").replace(/([a-z])([A-Z])/g, "$1_$2");
  defineConstant(`${words.toUpperCase()}_ERR`, codes[name]!);
}

export interface QuotaOptions {
  quota?: number;
  requested?: number;
}

/** Something was too much; it may say how much was asked for and how much there is. */
export class QuotaExceededError extends DOMException {
  readonly #quota: number | null;
  readonly #requested: number | null;

  /** @throws {RangeError} One of the numbers is negative, or no more was requested than there is. */
  constructor(message: unknown = "", options: QuotaOptions | undefined = undefined) {
    super(message, "QuotaExceededError");
    this.#quota = double(options?.quota, "quota");
    this.#requested = double(options?.requested, "requested");
    if (this.#quota !== null && this.#requested !== null && this.#requested < this.#quota) {
      throw new RangeError("options.requested must not be less than options.quota");
    }
  }
  get quota(): number | null {
    return this.#quota;
  }
  get requested(): number | null {
    return this.#requested;
  }
}
asInterface(QuotaExceededError, "QuotaExceededError");

function double(value: unknown, name: string): number | null {
  if (value === undefined) return null;
  const number = +(value as number);
  if (!Number.isFinite(number))
    throw new TypeError(`Cannot convert options.${name} to a double: the value is ${number}`);
  if (number < 0) throw new RangeError(`options.${name} must not be negative`);
  return number;
}
