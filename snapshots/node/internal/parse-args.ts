import { nodeError } from "./errors.ts";

interface OptionConfig {
  type: "string" | "boolean";
  short?: string;
  multiple?: boolean;
  default?: unknown;
}

export interface ParseArgsConfig {
  args?: readonly string[];
  options?: Record<string, OptionConfig>;
  strict?: boolean;
  allowPositionals?: boolean;
  allowNegative?: boolean;
  tokens?: boolean;
}

/** util.parseArgs, without tokens. */
export function parseArgs(config: ParseArgsConfig = {}): {
  values: Record<string, unknown>;
  positionals: string[];
} {
  const { options = {}, strict = true, allowNegative = false } = config;
  const allowPositionals = config.allowPositionals ?? !strict;
  const values = Object.create(null) as Record<string, unknown>;
  const positionals: string[] = [];
  const rest = [...(config.args ?? [])];

  const store = (name: string, value: unknown) => {
    if (options[name]?.multiple) {
      const present = values[name] as unknown[] | undefined;
      if (present) present.push(value);
      else values[name] = [value];
    } else values[name] = value;
  };
  const take = (name: string, shown: string, inline: string | undefined) => {
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (option === undefined && strict) {
      const negated = allowNegative && name.startsWith("no-") ? name.slice(3) : undefined;
      if (negated !== undefined && options[negated]?.type === "boolean") return store(negated, false);
      throw nodeError(
        TypeError,
        "ERR_PARSE_ARGS_UNKNOWN_OPTION",
        `Unknown option '${shown}'${allowPositionals ? `. To specify a positional argument starting with a '-', place it at the end of the command after '--', as in '-- "${shown}"` : ""}`,
      );
    }
    if (option?.type === "string") {
      const value = inline ?? rest.shift();
      if (
        strict &&
        (value === undefined || (inline === undefined && value.startsWith("-") && value !== "-"))
      ) {
        throw nodeError(
          TypeError,
          "ERR_PARSE_ARGS_INVALID_OPTION_VALUE",
          `Option '${shown} <value>' argument ${value === undefined ? "missing" : "is ambiguous"}`,
        );
      }
      return store(name, value ?? true);
    }
    if (inline !== undefined && option?.type === "boolean" && strict) {
      throw nodeError(
        TypeError,
        "ERR_PARSE_ARGS_INVALID_OPTION_VALUE",
        `Option '${shown}' does not take an argument`,
      );
    }
    store(name, inline ?? true);
  };

  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "--") {
      for (const one of rest.splice(0)) positional(one);
    } else if (arg.startsWith("--")) {
      const at = arg.indexOf("=", 3);
      const name = at < 0 ? arg.slice(2) : arg.slice(2, at);
      take(name, `--${name}`, at < 0 ? undefined : arg.slice(at + 1));
    } else if (arg.length > 1 && arg.startsWith("-")) {
      const letters = arg.slice(1);
      for (let index = 0; index < letters.length; index++) {
        const letter = letters[index] as string;
        const name = Object.keys(options).find((key) => options[key]?.short === letter) ?? letter;
        const tail = letters.slice(index + 1);
        if (options[name]?.type === "string" && tail !== "") {
          take(name, `-${letter}`, tail);
          break;
        }
        take(name, `-${letter}`, undefined);
      }
    } else positional(arg);
  }
  for (const [name, option] of Object.entries(options)) {
    if (option.default !== undefined && values[name] === undefined) values[name] = option.default;
  }
  return { values, positionals };

  function positional(arg: string): void {
    if (!allowPositionals) {
      throw nodeError(
        TypeError,
        "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL",
        `Unexpected argument '${arg}'. This command does not take positional arguments`,
      );
    }
    positionals.push(arg);
  }
}
