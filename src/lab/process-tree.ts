import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const pageBytes = 4096;

export interface ProcessMemory {
  readonly pid: number;
  /** The program and its first arguments, to tell supervisor and hosts apart. */
  readonly command: string;
  readonly rssBytes: number;
}

/** A process and everything below it, by /proc. Linux only. */
export async function readProcessTree(root: number): Promise<ProcessMemory[]> {
  const found = await Promise.all((await treeBelow(root)).map(readProcess));
  return found.filter((memory) => memory !== undefined);
}

/**
 * CPU time by thread of a process and everything below it, ns, as the kernel's scheduler counts it. Empty where the
 * system does not tell. Linux only.
 */
export async function readThreadTimes(root: number): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number>();
  const processes = await treeBelow(root);
  await Promise.all(
    processes.map(async (pid) => {
      const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
      for (const thread of threads) {
        const text = await readFile(`/proc/${pid}/task/${thread}/schedstat`, "latin1").catch(() => "");
        const spentNs = Number.parseInt(text, 10);
        if (!Number.isNaN(spentNs)) times.set(`${pid}/${thread}`, spentNs);
      }
    }),
  );
  return times;
}

/** What threads spent since `before`, ms; null where the system does not tell. One that ended meanwhile is left out. */
export function spentMs(
  before: ReadonlyMap<string, number>,
  now: ReadonlyMap<string, number>,
): number | null {
  if (now.size === 0) return null;
  let ns = 0;
  for (const [thread, spentNs] of now) ns += spentNs - (before.get(thread) ?? 0);
  return ns / 1e6;
}

export function totalBytes(processes: readonly ProcessMemory[]): number {
  return processes.reduce((sum, memory) => sum + memory.rssBytes, 0);
}

/** The same, once it rests: a host that is still starting grows for reasons of its own. */
export async function readSettledProcessTree(root: number): Promise<ProcessMemory[]> {
  let before = await readProcessTree(root);
  for (let calm = 0, attempt = 0; calm < 3 && attempt < 40; attempt++) {
    await sleep(400);
    const now = await readProcessTree(root);
    const rests =
      now.length === before.length && Math.abs(totalBytes(now) - totalBytes(before)) < 1024 * 1024;
    calm = rests ? calm + 1 : 0;
    before = now;
  }
  return before;
}

/** Samples until stopped; answers each process's largest growth over `before`, largest first. */
export function watchGrowth(before: readonly ProcessMemory[], everyMs = 20) {
  const peaks = new Map(before.map((memory) => [memory.pid, memory.rssBytes]));
  const stopped = new AbortController();
  const sampling = (async () => {
    while (!stopped.signal.aborted) {
      await Promise.all(
        before.map(async ({ pid }) => {
          const rssBytes = (await readProcess(pid))?.rssBytes ?? 0;
          peaks.set(pid, Math.max(peaks.get(pid) ?? 0, rssBytes));
        }),
      );
      await sleep(everyMs);
    }
  })();
  return async (): Promise<{ process: ProcessMemory; growthBytes: number }[]> => {
    stopped.abort();
    await sampling;
    return before
      .map((memory) => ({ process: memory, growthBytes: (peaks.get(memory.pid) ?? 0) - memory.rssBytes }))
      .sort((a, b) => b.growthBytes - a.growthBytes);
  };
}

async function treeBelow(root: number): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, "latin1").catch(() => "");
    // The name in parentheses may hold anything; the parent is the second field behind it.
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    parents.set(Number(entry), parent);
  }
  return [...parents.keys()].filter((pid) => isBelow(pid, root, parents));
}

async function readProcess(pid: number): Promise<ProcessMemory | undefined> {
  try {
    const [statm, command] = await Promise.all([
      readFile(`/proc/${pid}/statm`, "latin1"),
      readFile(`/proc/${pid}/cmdline`, "latin1"),
    ]);
    return {
      pid,
      command: command.replaceAll("\0", " ").trim(),
      rssBytes: Number(statm.split(" ")[1]) * pageBytes,
    };
  } catch {
    return undefined;
  }
}

function isBelow(pid: number, root: number, parents: ReadonlyMap<number, number>): boolean {
  for (
    let at: number | undefined = pid, depth = 0;
    at !== undefined && depth < 64;
    at = parents.get(at), depth++
  ) {
    if (at === root) return true;
  }
  return false;
}
