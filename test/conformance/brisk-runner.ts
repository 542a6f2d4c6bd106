import { BriskServer } from "../../src/lab/brisk-server.ts";
import { HttpClient } from "../../src/lab/http-client.ts";
import { type PackageFiles, zipOf } from "./package-files.ts";
import { type FileResult, program, type TestFile } from "./result.ts";

/** Lambda's timeout for one file, s; the harness gives up before. */
const timeoutSeconds = 45;
const memorySizeMb = 1024;
const lostEnvironment = "its environment was gone before its end";

interface Answer {
  readonly failed: boolean;
  readonly payload: unknown;
  /** The last 4 KB of what the function wrote. */
  readonly log: string;
}

/** A Brisk of its own, in whose environments files are run: a fresh one for each. */
export class BriskRunner implements AsyncDisposable {
  readonly #server: BriskServer;
  readonly #client = new HttpClient(16);
  #deployed = 0;

  private constructor(server: BriskServer) {
    this.#server = server;
  }

  static async start(): Promise<BriskRunner> {
    const settings = {
      BRISK_SNAPSTART: "off",
      BRISK_LOG_BYTES_PER_INVOCATION: "65536",
      // A busy machine says nothing about a file either.
      BRISK_INIT_TIMEOUT_MS: "60000",
    };
    return new BriskRunner(await BriskServer.start([], settings));
  }

  /** Deploys the package as a function. @throws {Error} It cannot be bundled. */
  async deploy(files: PackageFiles): Promise<BriskFunction> {
    const name = `conformance-${++this.#deployed}`;
    await this.#server.deploy({
      name,
      zip: zipOf(files),
      handler: "index.handler",
      // The last one with callbacks: a handler that is no promise may end with its loop.
      runtime: "nodejs22.x",
      timeoutSeconds,
      memorySizeMb,
      variables: {
        BRISK_CPU_TIME_MS: String(timeoutSeconds * 1000),
        NODE_TEST_DIR: "/tmp",
        NODE_SKIP_FLAG_CHECK: "1",
      },
    });
    return new BriskFunction(
      name,
      (event) => this.#invoke(name, event),
      () => this.#server.delete(name),
    );
  }

  async #invoke(name: string, event: unknown): Promise<Answer> {
    const url = `${this.#server.origin}/2015-03-31/functions/${name}/invocations`;
    const { status, headers, text } = await this.#client.call(url, {
      method: "POST",
      body: JSON.stringify(event),
      headers: { "x-amz-log-type": "Tail" },
      timeoutMs: (timeoutSeconds + 20) * 1000,
    });
    if (status !== 200) throw new Error(`Invoke of ${name}: ${status} ${text.slice(0, 500)}`);
    return {
      failed: headers["x-amz-function-error"] !== undefined,
      payload: text === "" ? null : JSON.parse(text),
      log: Buffer.from(String(headers["x-amz-log-result"] ?? ""), "base64").toString(),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client[Symbol.dispose]();
    await this.#server[Symbol.asyncDispose]();
  }
}

/** One deployed package. It runs one file at a time, so that the events of a file meet in one environment. */
export class BriskFunction {
  readonly name: string;
  readonly #invoke: (event: unknown) => Promise<Answer>;
  readonly #delete: () => Promise<void>;

  constructor(name: string, invoke: (event: unknown) => Promise<Answer>, remove: () => Promise<void>) {
    this.name = name;
    this.#invoke = invoke;
    this.#delete = remove;
  }

  async run(test: TestFile): Promise<FileResult> {
    for (let attempt = 0; ; attempt++) {
      const result = await (test.suite === "wpt" ? this.#runHarness(test) : this.#runProgram(test));
      // What befell its host says nothing about this file.
      const text = `${result.message} ${result.subtests[0]?.[2] ?? ""}`;
      const isLost = text.includes(lostEnvironment) || text.includes("another function took the host down");
      if (attempt === 2 || !isLost) return result;
    }
  }

  async delete(): Promise<void> {
    await this.#delete().catch(() => undefined);
  }

  async #runHarness(test: TestFile): Promise<FileResult> {
    let answer = await this.#fresh(test);
    // Its loop was empty before it had completed.
    if (!answer.failed && answer.payload === null) answer = await this.#invoke({ collect: true });
    const { failed, payload, log } = answer;
    if (failed) return { state: stateOf(payload), message: messageOf(payload, log), subtests: [] };
    // The next file gets an environment of its own.
    await this.#invoke({ end: true });
    return payload as FileResult;
  }

  async #runProgram(test: TestFile): Promise<FileResult> {
    let log = "";
    let answer = await this.#fresh(test);
    // Nothing is left to do, so the process ends: once more for those who use its last moment.
    for (let turn = 0; turn < 4 && !answer.failed; turn++) {
      log += answer.log;
      answer = await this.#invoke({ end: true });
      if (answer.payload === "lost") return programResult("error", lostEnvironment);
    }
    log += answer.log;
    const skipped = /^.*1\.\.0 # Skipped: (.*)$/m.exec(log);
    if (skipped !== null) return programResult("skipped", `skips itself: ${skipped[1]}`);
    const status = exitStatusOf(answer.payload);
    if (status === 0) return programResult("ok", "");
    return programResult(stateOf(answer.payload), messageOf(answer.payload, log));
  }

  /** The first event of an environment. Whoever finds a used one ends it. */
  async #fresh(test: TestFile): Promise<Answer> {
    for (let attempt = 0; ; attempt++) {
      const answer = await this.#invoke(test.event);
      const { payload } = answer;
      const isUsed = payload === "used" || (payload as { state?: string } | null)?.state === "used";
      if (!isUsed || attempt === 3) return answer;
      await this.#invoke({ kill: true });
    }
  }
}

export function programResult(state: FileResult["state"], message: string): FileResult {
  return { state, message: "", subtests: [state === "ok" ? [program, 1] : [program, 0, message]] };
}

function exitStatusOf(payload: unknown): number | undefined {
  const { errorType, errorMessage } = (payload ?? {}) as { errorType?: string; errorMessage?: string };
  if (errorType !== "Runtime.ExitError") return undefined;
  if (/without a reason|exit code 0|status 0|exited without/i.test(String(errorMessage))) return 0;
  const status = /exit status (\d+)/.exec(String(errorMessage));
  return status === null ? 0 : Number(status[1]);
}

function stateOf(payload: unknown): FileResult["state"] {
  const { errorMessage, errorType } = (payload ?? {}) as { errorType?: string; errorMessage?: string };
  return /timed out|Timedout/i.test(`${errorType} ${errorMessage}`) ? "timeout" : "error";
}

/** What the function said last is worth more than that it ended. */
function messageOf(payload: unknown, log: string): string {
  const error = (payload ?? {}) as {
    errorType?: string;
    errorMessage?: string;
    trace?: string[];
    stackTrace?: string[];
  };
  if (error.errorType === "Runtime.ExitError") {
    const lines = log.split("\n").filter((line) => !/^(START|END|REPORT|INIT_START|$)/.test(line));
    return `${error.errorMessage}; ${lines.join("\n").slice(-1500)}`;
  }
  const frames = (error.stackTrace ?? error.trace ?? []).filter((line) => /^\s+at /.test(line)).slice(0, 6);
  return [`${error.errorType}: ${error.errorMessage}`, ...frames].join("\n").slice(0, 1500);
}
