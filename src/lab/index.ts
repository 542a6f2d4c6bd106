/** The cold-start laboratory: ways of starting a function, measured side by side. */
export { AllStrategies } from "./all-strategies.ts";
export { BriskServer } from "./brisk-server.ts";
export { withExpectedAnswers } from "./expected-answers.ts";
export { htmlReport } from "./html-report.ts";
export type { BenchRun, LabRun, TuneRun } from "./model.ts";
export { distributionPicture } from "./picture.ts";
export { runBench } from "./run-bench.ts";
export { runTune } from "./run-tune.ts";
export { benchTable, tuneTable } from "./terminal-table.ts";
export { createUserWorkload } from "./user-workload.ts";
export type { Workload, WorkloadRequest } from "./workload.ts";
