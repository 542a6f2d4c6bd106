import { lookup } from "node:dns/promises";
import { readFile, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { formatBytes } from "./progress.ts";

export interface CheckResult {
  readonly name: string;
  readonly verdict: "fit" | "warning" | "unfit";
  readonly detail: string;
}

const neededMajor = 24;
/** Majors with which isolated-vm 7 is tested. */
const testedMajors = [24, 26];
const mebibyte = 1024 * 1024;

export function checkNode(version: string): CheckResult {
  const major = Number(version.split(".")[0]);
  const name = "Node";
  if (major < neededMajor) {
    return { name, verdict: "unfit", detail: `${version}, at least ${neededMajor} is needed` };
  }
  if (!testedMajors.includes(major)) {
    return { name, verdict: "warning", detail: `${version}, not tested (${testedMajors.join(" and ")} are)` };
  }
  return { name, verdict: "fit", detail: version };
}

/** The supervisor watches each host's memory from outside. */
export async function checkMemoryReading(): Promise<CheckResult> {
  const name = "Memory watch";
  try {
    const status = await readFile(`/proc/${process.pid}/statm`, "utf8");
    if (!(Number(status.split(" ")[1]) > 0)) throw new Error("it holds no number of pages");
    return { name, verdict: "fit", detail: "/proc tells the memory of a process" };
  } catch (error) {
    return {
      name,
      verdict: "unfit",
      detail: `/proc does not tell the memory of a process (${(error as Error).message}), so a host that fills the machine's memory could not be stopped`,
    };
  }
}

export async function checkDisk(dataDir: string): Promise<CheckResult> {
  const name = "Disk";
  for (let folder = dataDir; ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = await statfs(folder);
      const free = bavail * bsize;
      const detail = `${formatBytes(free)} free for ${dataDir}`;
      if (free < 100 * mebibyte)
        return { name, verdict: "unfit", detail: `${detail}, at least 100 MiB is needed` };
      return { name, verdict: free < 1024 * mebibyte ? "warning" : "fit", detail };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // The folder is made at the first start: its nearest existing parent is on the same disk.
      if (code !== "ENOENT" || folder === dirname(folder)) {
        return { name, verdict: "unfit", detail: `cannot look at ${folder}: ${code}` };
      }
    }
  }
}

/** A function URL's host name ends in `.localhost`; what resolves it is the client, so this is no fault of the machine. */
export async function checkNames(): Promise<CheckResult> {
  const name = "Names";
  try {
    const { address } = await lookup("brisk-doctor.lambda-url.us-east-1.localhost");
    return { name, verdict: "fit", detail: `*.localhost resolves to ${address}` };
  } catch {
    return {
      name,
      verdict: "warning",
      detail:
        "*.localhost does not resolve for programs like Node (curl and browsers know it by themselves); there, connect to 127.0.0.1 with the URL's host as Host header",
    };
  }
}
