import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { type Config, type ConfigInput, configSchema } from "./config.ts";
import { isLoopback } from "./model/host-name.ts";

export const configFileName = "brisk.config.json";

/** A setting is wrong or unknown. The message names the setting and where it came from. */
export class ConfigError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ConfigError";
  }
}

export type SettingName = keyof Config;
const settingNames = Object.keys(configSchema.shape) as SettingName[];

/** Where the variable's name is not simply the setting's. */
const variableNames: Partial<Record<SettingName, string>> = {
  dataDir: "BRISK_DATA",
  domains: "BRISK_DOMAIN",
};

/** Relative ones are those of the file that has them, else of the working directory. */
const paths: ReadonlySet<string> = new Set<SettingName>([
  "dataDir",
  "tlsCert",
  "tlsKey",
  "tlsPassphraseFile",
  "masterKeyFile",
]);

export interface ConfigSources {
  /** Values of flags as the user typed them, with the flag's own name for messages. */
  readonly flags?: Partial<Record<SettingName, { flag: string; value: string | readonly string[] }>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Named by the user, so it must exist. Without it, `brisk.config.json` in `cwd` is read if it is there. */
  readonly file?: string;
  readonly cwd: string;
}

/**
 * All settings: flags, then `BRISK_*` variables, then the file, then defaults.
 * @throws {ConfigError} Naming each setting that does not hold and its source.
 */
export async function loadConfig(sources: ConfigSources): Promise<Config> {
  const values: Record<string, unknown> = {};
  const origins = new Map<string, string>();
  const put = (name: string, value: unknown, origin: string) => {
    values[name] = value;
    origins.set(name, origin);
  };

  const file = await readConfigFile(sources);
  if (file?.settings["masterKey"] !== undefined) {
    throw new ConfigError(
      `${file.path} holds a master key: give it as BRISK_MASTER_KEY, or name a file or command with masterKeyFile or masterKeyCommand`,
    );
  }
  if (file?.settings["inspect"] !== undefined) {
    throw new ConfigError(
      `${file.path} opens functions to debuggers (inspect): only \`brisk dev --inspect\` and embedding do`,
    );
  }
  for (const [name, value] of Object.entries(file?.settings ?? {})) {
    const isPath = paths.has(name) && typeof value === "string";
    put(name, isPath ? resolve(dirname(file?.path ?? "."), value) : value, file?.path ?? "");
  }
  for (const name of settingNames) {
    const variable = variableName(name);
    const text = sources.env?.[variable];
    if (text !== undefined && text !== "") put(name, fromText(name, text), variable);
  }
  for (const name of settingNames) {
    const given = sources.flags?.[name];
    if (given !== undefined) put(name, fromText(name, given.value), given.flag);
  }

  const parsed = configSchema.safeParse(values);
  if (!parsed.success) throw new ConfigError(describeIssues(parsed.error, values, origins));
  const settings: Record<string, unknown> = { ...parsed.data };
  for (const name of paths) {
    const path = settings[name];
    if (typeof path === "string") settings[name] = resolve(sources.cwd, path);
  }
  return settings as Config;
}

/**
 * Refuses what would let strangers in. For whoever is about to listen.
 * @throws {ConfigError}
 */
export function refuseUnsafeListening(config: Pick<ConfigInput, "auth" | "host">): void {
  const host = config.host ?? "127.0.0.1";
  if (config.auth !== "sigv4" && !isLoopback(host)) {
    throw new ConfigError(
      `host "${host}" is not a loopback address, and with auth "none" anyone who reaches it could run code here; ` +
        "ask for signed requests with --auth sigv4, or keep 127.0.0.1 and open function URLs alone with --url-listen (for example 0.0.0.0:9001)",
    );
  }
}

/** The environment variable of a setting: `maxConcurrency` is BRISK_MAX_CONCURRENCY. */
export function variableName(name: SettingName): string {
  return variableNames[name] ?? `BRISK_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

async function readConfigFile(
  sources: ConfigSources,
): Promise<{ path: string; settings: Record<string, unknown> } | undefined> {
  const path = resolve(sources.cwd, sources.file ?? configFileName);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" && sources.file === undefined) return undefined;
    throw new ConfigError(`cannot read ${path}: ${code === "ENOENT" ? "no such file" : code}`, {
      cause: error,
    });
  }
  let settings: unknown;
  try {
    settings = JSON.parse(text);
  } catch (error) {
    throw new ConfigError(`${path} is not JSON: ${(error as Error).message}`, { cause: error });
  }
  if (typeof settings !== "object" || settings === null || Array.isArray(settings)) {
    throw new ConfigError(`${path} must hold one JSON object of settings`);
  }
  return { path, settings: settings as Record<string, unknown> };
}

/** Variables and flags are text: makes of it what the setting's type asks for. What does not fit is left for the schema to refuse. */
function fromText(name: SettingName, given: string | readonly string[]): unknown {
  const kind = kindOf(configSchema.shape[name]);
  if (kind === "array") {
    const parts = typeof given === "string" ? given.split(",") : given;
    return parts.map((part) => part.trim()).filter((part) => part !== "");
  }
  const text = typeof given === "string" ? given : given.join(",");
  if (kind === "number" && /^\s*-?\d+(\.\d+)?\s*$/.test(text)) return Number(text);
  if (kind === "boolean") return { true: true, "1": true, false: false, "0": false }[text] ?? text;
  return text;
}

function kindOf(schema: z.core.$ZodType): string {
  let inner = schema;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodOptional) inner = inner.unwrap();
  return inner._zod.def.type;
}

function describeIssues(
  error: z.ZodError,
  values: Record<string, unknown>,
  origins: Map<string, string>,
): string {
  return error.issues
    .flatMap((issue) => {
      if (issue.code === "unrecognized_keys") {
        return issue.keys.map(
          (key) => `unknown setting "${key}" in ${origins.get(key) ?? "the configuration"}`,
        );
      }
      const name = String(issue.path[0] ?? "");
      const value = JSON.stringify(values[name]);
      return [
        `setting "${name}" is ${value} in ${origins.get(name) ?? "the configuration"}: ${issue.message}`,
      ];
    })
    .join("\n       ");
}
