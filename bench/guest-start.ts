/** What does all that code finds in an isolate cost a tiny function, which uses none of it? */
import { measureMicro } from "./cold/micro.ts";
import type { Bench, Row } from "./harness/report.ts";
import { median } from "./harness/statistics.ts";

const rounds = 200;
const megabyte = 1024 * 1024;

export const bench: Bench = {
  question: "what the whole guest adds to a start, and to an isolate, over an empty heap",
  async run() {
    const { restoreMs, isolateBytes } = await measureMicro(rounds);
    const added = (measure: string, unit: string, base: number, empty: number): Row => ({
      measure: `${measure}, ${empty.toFixed(2)} → ${base.toFixed(2)} ${unit}: more`,
      unit,
      brisk: base - empty,
      figure: base - empty,
      target: { atMost: 0.8 },
    });
    return [
      added("isolate and context", "ms", median(restoreMs.base), median(restoreMs.empty)),
      added(
        "resident memory",
        "MB",
        median(isolateBytes.base) / megabyte,
        median(isolateBytes.empty) / megabyte,
      ),
    ];
  },
};
