import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Target } from "./target.ts";

const execute = promisify(execFile);

export interface Download {
  readonly status: string;
  /** Everything that came, with headers and framing. */
  readonly bytes: number;
  readonly seconds: number;
  readonly firstByteMs: number;
}

/** Downloads in a process of its own. `bytesPerSecond` 0 is as fast as possible, `hangUpSeconds` 0 never hangs up. */
export async function download(
  target: Target,
  path: string,
  { bytesPerSecond = 0, hangUpSeconds = 0 } = {},
): Promise<Download> {
  const url = new URL(path, target.url);
  const { stdout } = await execute(process.execPath, [
    join(import.meta.dirname, "download-main.ts"),
    url.href,
    target.host ?? url.host,
    String(bytesPerSecond),
    String(hangUpSeconds),
  ]);
  const seen = JSON.parse(stdout) as Download;
  if (seen.status !== "HTTP/1.1 200") throw new Error(`${target.name} answers ${JSON.stringify(seen)}`);
  return seen;
}
