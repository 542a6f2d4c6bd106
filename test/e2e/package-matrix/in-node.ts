import type { MatrixFunction } from "./matrix-function.ts";

/** A program: says over IPC what each function of the matrix answers in Node itself. */
const folder = new URL("../../fixtures/packages/", import.meta.url);

process.on("message", async (functions: readonly MatrixFunction[]) => {
  const answers: Record<string, unknown> = {};
  for (const { name, event } of functions) {
    const { handler } = await import(new URL(`${name}.mjs`, folder).href);
    const context = { functionName: name, memoryLimitInMB: "512", awsRequestId: "1" };
    answers[name] = JSON.parse(JSON.stringify(await handler(event, context)));
  }
  process.send?.(answers, () => process.disconnect?.());
});
