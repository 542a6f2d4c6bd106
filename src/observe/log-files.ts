import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

const fileName = /^(\d{10})\.log$/;

/** A group's folder. Hashed, because a group's name may hold `/` and `..`. */
export function groupFolder(dir: string, group: string): string {
  return join(dir, createHash("sha256").update(group).digest("hex").slice(0, 40));
}

export function logFile(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(10, "0")}.log`);
}

/** The numbers of a group's files, oldest first. The last one is being written. */
export async function logFileNumbers(folder: string): Promise<number[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  const numbers: number[] = [];
  for (const name of names) {
    const match = fileName.exec(name);
    if (match) numbers.push(Number(match[1]));
  }
  return numbers.sort((a, b) => a - b);
}
