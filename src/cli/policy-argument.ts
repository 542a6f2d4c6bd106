import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { CliError, UsageError } from "./cli-error.ts";

/** As the API takes a policy: the name of a managed one, or a document under a name of its own. */
export type PolicyBody = string | { readonly name: string; readonly document: unknown };

export const policyHelp =
  "a managed policy's name (AdministratorAccess, AWSLambda_FullAccess, AWSLambda_ReadOnlyAccess, AWSLambdaRole), or a file such as ./policy.json, whose name becomes the policy's";

/**
 * What has a slash in it or ends in `.json` is a file, anything else a name.
 * @throws {CliError} The file cannot be read. @throws {UsageError} It holds no JSON.
 */
export async function readPolicyArgument(given: string, cwd: string): Promise<PolicyBody> {
  if (!given.includes("/") && !given.endsWith(".json")) return given;
  const file = resolve(cwd, given);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? error.code : String(error);
    throw new CliError(`cannot read the policy ${given}: ${reason}`, { cause: error });
  }
  try {
    return { name: basename(file, ".json"), document: JSON.parse(text) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`the policy ${given} is no JSON: ${reason}`, { cause: error });
  }
}

export function readPolicyArguments(given: readonly string[] = [], cwd: string): Promise<PolicyBody[]> {
  return Promise.all(given.map((one) => readPolicyArgument(one, cwd)));
}

/** For options that may be repeated. */
export function collectPolicy(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}
