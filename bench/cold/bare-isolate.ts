/**
 * What a tiny function costs V8 by itself: an isolate, a context, its code and one call, with nothing of Brisk's.
 * Run under --no-node-snapshot, as hosts are (isolated-vm needs it), and with their heaps. Arguments: rounds. Prints
 * the samples of each measure as JSON.
 */
import ivm from "isolated-vm";

const rounds = Number(process.argv[2] ?? 50);
const warmUpRounds = 5;
const code = `let calls = 0;
(event) => JSON.stringify({
  statusCode: 200,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ message: "hello", calls: ++calls }),
})`;

const totalMs: number[] = [];
for (let round = -warmUpRounds; round < rounds; round++) {
  const startedMs = performance.now();
  const isolate = new ivm.Isolate({ memoryLimit: 128 });
  const context = isolate.createContextSync();
  const handler = context.evalSync(code, { reference: true }) as ivm.Reference<(event: string) => string>;
  const answer = handler.applySync(undefined, ["{}"]);
  const elapsedMs = performance.now() - startedMs;
  if (JSON.parse(String(answer)).statusCode !== 200) throw new Error(`it answers ${answer}`);
  if (round >= 0) totalMs.push(elapsedMs);
  isolate.dispose();
  // What is disposed of is freed in the next turn.
  await new Promise((resolve) => setTimeout(resolve, 5));
}
process.stdout.write(JSON.stringify({ totalMs }));
