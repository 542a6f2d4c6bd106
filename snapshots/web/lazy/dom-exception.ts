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

/** The web's error with a name. Extends Error as a class so that its instances are true errors to V8. */
export class DOMException extends Error {
  readonly #name: string = "Error";
  readonly #message: string = "";

  constructor(message: unknown = "", options: unknown = "Error") {
    super();
    this.#message = `${message}`;
    if (typeof options === "object" && options !== null) {
      const { name, cause } = options as { name?: unknown; cause?: unknown };
      this.#name = name === undefined ? "Error" : `${name}`;
      if ("cause" in options) {
        defineProperty(this, "cause", {
          value: cause,
          configurable: true,
          writable: true,
          enumerable: false,
        });
      }
    } else {
      this.#name = `${options}`;
    }
    // V8 wrote the stack's first line inside super(), before there was a name and a message.
    captureStackTrace(this, new.target);
  }

  // V8 reads both while super() runs, when the private fields do not exist yet.
  override get name(): string {
    return #name in this ? this.#name : "Error";
  }

  override get message(): string {
    return #message in this ? this.#message : "";
  }

  get code(): number {
    return hasOwn(codes, this.#name) ? (codes[this.#name] ?? 0) : 0;
  }

  get [Symbol.toStringTag](): string {
    return "DOMException";
  }
}

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
