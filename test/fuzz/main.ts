import { parseArgs } from "node:util";
import { failures, summary } from "./report.ts";
import { fuzz } from "./run.ts";
import { startTarget, useTarget } from "./target.ts";

const usage = `npm run fuzz:api                                    20,000 bad requests to a server of their own
npm run fuzz:api -- --count 1000 --seed 7           fewer, and other ones
npm run fuzz:api -- --operation CreateFunction      of one operation; may be repeated
npm run fuzz:api -- --seed 7 --only 123             one request of a run again
npm run fuzz:api -- --url http://127.0.0.1:9000     to a server that runs already

The same seed, count and operations make the same requests. Exit 0: each was answered as it has to be. 1: one was
not, or the server broke. 2: misused.
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: "1" },
      count: { type: "string", default: "20000" },
      operation: { type: "string", multiple: true, default: [] },
      only: { type: "string" },
      url: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const seed = whole("seed", values.seed);
  const count = whole("count", values.count);
  const only = values.only === undefined ? undefined : whole("only", values.only);
  if (only !== undefined && only >= count) throw new Misuse(`--only ${only} is not below --count ${count}`);
  await using target = values.url === undefined ? await startTarget() : await useTarget(values.url);
  console.error(`seed ${seed}, ${count} requests to ${target.url}`);
  const startedAt = performance.now();
  const results = await fuzz({
    target,
    seed,
    count,
    operations: values.operation,
    ...(only !== undefined && { only }),
    onProgress: (sent) => {
      if (sent % 1000 === 0 || (process.stderr.isTTY && sent % 100 === 0)) say(`${sent} sent`);
    },
  });
  const seconds = (performance.now() - startedAt) / 1000;
  if (process.stderr.isTTY) process.stderr.write("\n");
  const again = ["npm run fuzz:api --", `--seed ${seed} --count ${count}`]
    .concat(values.operation.map((name) => `--operation ${name}`))
    .join(" ");
  const isAlive = await target.isAlive();
  const said = target.said().trim();
  console.log(summary(results));
  const failed = results.filter(({ fault }) => fault !== undefined).length;
  if (failed > 0) console.log(`\n${failures(results, again)}`);
  if (said !== "") console.log(`\nThe server said:\n${said.slice(0, 20_000)}`);
  if (!isAlive) console.log("\nThe server is not there any more, or has lost the function that it had.");
  console.log(`\nseed ${seed}: ${results.length} requests in ${seconds.toFixed(1)} s, ${failed} failed`);
  return failed === 0 && isAlive && said === "" ? 0 : 1;
}

class Misuse extends Error {}

function whole(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Misuse(`--${name} takes a whole number, and this is "${text}"`);
}

function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${text}`);
  else console.error(text);
}

try {
  process.exitCode = await main();
} catch (error) {
  const isMisuse =
    error instanceof Misuse || (error as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE_ARGS");
  console.error(isMisuse ? `error: ${(error as Error).message}\n\n${usage}` : error);
  process.exitCode = isMisuse ? 2 : 1;
}
