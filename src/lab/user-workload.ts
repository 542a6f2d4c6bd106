import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { unzipSync } from "fflate";
import { defaultHandler, packFolder } from "../pack/index.ts";
import { bundleForPeers, type PeerBundle } from "./peer-bundle.ts";
import { reasonOf } from "./reason.ts";
import type { Workload, WorkloadRequest } from "./workload.ts";

export interface UserWorkloadInput {
  /** Absolute path of a folder, a module or a zip. */
  readonly location: string;
  /** `file.export`; default: found by the usual names. */
  readonly handler?: string | undefined;
  readonly request: WorkloadRequest;
  readonly variables: Readonly<Record<string, string>>;
  readonly memorySizeMb: number;
  readonly timeoutSeconds: number;
  /** For the bundle; the caller removes it. */
  readonly folder: string;
}

const extensions = [".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx", ".jsx"];

/**
 * A function of the user's, as a workload whose answers nobody knows yet (see `withExpectedAnswers`).
 * @throws {PackError} When it can't be packed, or its handler can't be told.
 */
export async function createUserWorkload(input: UserWorkloadInput): Promise<Workload> {
  const { location, folder, request, variables, memorySizeMb, timeoutSeconds } = input;
  const isZip = extname(location).toLowerCase() === ".zip";
  const zip = isZip ? await readFile(location) : await packFolder(location);
  const handler = input.handler ?? (isZip ? "index.handler" : await defaultHandler(location));
  const sources = isZip ? await unpack(zip, join(folder, "zip")) : location;
  const bundle = await bundleOf(sources, handler, folder);
  const label = basename(location, extname(location));
  const id = label.replaceAll(/[^a-zA-Z0-9_-]+/g, "-").slice(0, 24) || "function";
  return {
    id,
    label,
    description: `The function in ${basename(location)}, by its handler ${handler}.`,
    zip,
    handler,
    bundle() {
      if (bundle instanceof Error) throw bundle;
      return bundle;
    },
    variables,
    request,
    memorySizeMb,
    timeoutSeconds,
    check: (answer) => refusal(answer.status, answer.headers["x-amz-function-error"], answer.text),
  };
}

/** What is no answer whatever the function does: an error of its own, or somebody's refusal to run it. */
export function refusal(status: number, functionError: unknown, text: string): string | undefined {
  if (status < 500 && functionError === undefined) return undefined;
  return `it answers ${functionError === undefined ? status : "with an error"}: ${text.slice(0, 300)}`;
}

/** An Error where peers have nothing to run: Brisk bundles by itself, and may well run it. */
async function bundleOf(sources: string, handler: string, folder: string): Promise<PeerBundle | Error> {
  try {
    const entry = await entryOf(sources, handler);
    const exportName = handler
      .slice(handler.lastIndexOf("/") + 1)
      .split(".")
      .slice(1)
      .join(".");
    return await bundleForPeers({ entry, exportName, file: join(folder, "bundle.mjs"), minify: false });
  } catch (error) {
    return new Error(`there is no bundle for it: ${reasonOf(error)}`, { cause: error });
  }
}

async function entryOf(sources: string, handler: string): Promise<string> {
  if (!(await stat(sources)).isDirectory()) return sources;
  const slash = handler.lastIndexOf("/");
  const stem = join(sources, handler.slice(0, slash + 1), handler.slice(slash + 1).split(".")[0] ?? "");
  for (const extension of extensions) {
    const isThere = await stat(stem + extension).then(
      (info) => info.isFile(),
      () => false,
    );
    if (isThere) return stem + extension;
  }
  throw new Error(`no file ${stem}.js`);
}

async function unpack(zip: Uint8Array, folder: string): Promise<string> {
  for (const [name, bytes] of Object.entries(unzipSync(zip))) {
    const file = join(folder, name);
    // A hostile zip may name files outside.
    if (!file.startsWith(`${folder}/`) || name.endsWith("/")) continue;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
  return folder;
}
