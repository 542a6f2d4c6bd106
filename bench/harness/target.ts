import { HttpClient } from "../../src/lab/http-client.ts";

/** Where a load goes: an address to connect to and, where it differs, the Host name to say. */
export interface Target {
  readonly name: string;
  readonly url: string;
  readonly host?: string;
}

/** A wrong answer is fast too: looks at one before anything is timed. */
export async function expectJson(target: Target, path: string, expected: unknown): Promise<void> {
  using client = new HttpClient();
  const answer = await client.call(new URL(path, target.url).href, { host: target.host });
  const same = answer.status === 200 && canonical(answer.text) === JSON.stringify(expected);
  if (!same) {
    throw new Error(`${target.name} answers ${answer.status} ${answer.text.slice(0, 500)} to ${path}`);
  }
}

function canonical(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
}
