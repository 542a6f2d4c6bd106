import type { UrlTarget } from "../../../src/model/functions.ts";
import type {
  Invocation,
  InvocationObserver,
  InvokeRequest,
  Invoker,
} from "../../../src/model/invocation.ts";
import type { VersionSpec } from "../../../src/model/version.ts";

/** One invocation as the front started it; the test plays the function. */
export class ScriptedInvocation implements Invocation {
  readonly requestId: string;
  readonly request: InvokeRequest;
  readonly observer: InvocationObserver;
  readonly logTail: boolean;
  consumedBytes = 0;
  readonly aborted = Promise.withResolvers<void>();
  isAborted = false;
  #onConsumed: (() => void) | undefined;

  constructor(request: InvokeRequest, observer: InvocationObserver, logTail: boolean) {
    this.requestId = request.requestId;
    this.request = request;
    this.observer = observer;
    this.logTail = logTail;
  }

  get event(): Record<string, unknown> & { headers: Record<string, string> } {
    return JSON.parse(String(this.request.payload));
  }

  consumed(bytes: number): void {
    this.consumedBytes += bytes;
    this.#onConsumed?.();
  }

  abort(): void {
    this.isAborted = true;
    this.aborted.resolve();
  }

  /** Resolves once so many bytes have been consumed. */
  async untilConsumed(bytes: number): Promise<void> {
    while (this.consumedBytes < bytes) {
      await new Promise<void>((resolve) => {
        this.#onConsumed = resolve;
      });
    }
  }

  succeed(result: unknown): void {
    this.settle({ kind: "success", payload: Buffer.from(JSON.stringify(result) ?? "null") });
  }

  settle(outcome: Parameters<InvocationObserver["settled"]>[0], logTail?: string): void {
    const log = logTail === undefined ? undefined : Buffer.from(logTail);
    this.observer.settled(outcome, { durationMs: 1, maxMemoryUsedMb: 1 }, log);
  }

  stream(contentType: string, ...chunks: (string | Buffer)[]): this {
    this.observer.streamStarted(contentType);
    for (const chunk of chunks) this.observer.chunk(Buffer.from(chunk));
    return this;
  }
}

/** An Invoker whose functions the test writes: each invocation is handed to `script`. */
export class ScriptedInvoker implements Invoker {
  readonly invocations: ScriptedInvocation[] = [];
  /** Called before `invoke` returns when `isSynchronous`, else soon after. */
  script: (invocation: ScriptedInvocation) => void = (invocation) => invocation.succeed(null);
  isSynchronous = true;
  refusal: Error | undefined;

  invoke(request: InvokeRequest, observer: InvocationObserver, options?: { logTail?: boolean }): Invocation {
    if (this.refusal !== undefined) throw this.refusal;
    const invocation = new ScriptedInvocation(request, observer, options?.logTail ?? false);
    this.invocations.push(invocation);
    if (this.isSynchronous) this.script(invocation);
    else setImmediate(() => this.script(invocation));
    return invocation;
  }

  get last(): ScriptedInvocation {
    const last = this.invocations.at(-1);
    if (last === undefined) throw new Error("No function was invoked");
    return last;
  }
}

export const scriptedSpec: VersionSpec = {
  key: "hello:1",
  functionName: "hello",
  functionArn: "arn:aws:lambda:us-east-1:000000000000:function:hello",
  version: "$LATEST",
  role: "arn:aws:iam::000000000000:role/lambda-role",
  runtime: "nodejs24.x",
  runtimeVersionArn: "arn:aws:lambda:us-east-1::runtime:0",
  handler: "index.handler",
  memorySizeMb: 128,
  ephemeralStorageMb: 512,
  timeoutMs: 3000,
  cpuTimeMs: 1000,
  environmentVariables: {},
  region: "us-east-1",
  logGroup: "/aws/lambda/hello",
  bundle: { hash: "", key: "", builtins: [] },
  start: "init",
  warmUpEvents: [],
  isPrimed: false,
  isPerTenant: false,
};

/** A public URL of the function. */
export const scriptedUrl: UrlTarget = {
  urlId: "abcdefghijklmnopqrstuvwxyz012345",
  authType: "NONE",
  invokeMode: "BUFFERED",
  cors: undefined,
  isPublic: true,
  invokedFunctionArn: scriptedSpec.functionArn,
  spec: scriptedSpec,
};
