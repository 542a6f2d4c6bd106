// The same function in Node: a line of JSON in is an event, a line out its answer.
import { createInterface } from "node:readline";
import { handler } from "../functions/guest-calls.mjs";

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await handler(JSON.parse(line)))}\n`);
}
