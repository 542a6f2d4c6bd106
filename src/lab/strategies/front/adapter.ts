/**
 * Calls a Lambda handler as a function URL would: what a peer needs around a bundle to answer the same requests as
 * Brisk. It runs in Node, Deno, Bun, a worker thread and workerd, so it asks nothing of any of them.
 */

export interface PeerRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The body is the event itself, and the answer is what the handler returns, as JSON. */
  readonly isEvent: boolean;
}

export interface PeerAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64: boolean;
}

type Handler = (event: unknown, context: unknown, callback?: unknown) => unknown;

/** @throws What the handler throws. */
export async function callHandler(handler: unknown, request: PeerRequest): Promise<PeerAnswer> {
  if (typeof handler !== "function")
    throw new TypeError("the module exports no function of the handler's name");
  const event: unknown = request.isEvent ? JSON.parse(request.body) : urlEvent(request);
  const result = await run(handler as Handler, event);
  if (request.isEvent) return toAnswer(200, {}, JSON.stringify(result ?? null));
  if (typeof result !== "object" || result === null || !("statusCode" in result)) {
    return toAnswer(200, { "content-type": "application/json" }, textOf(result));
  }
  const { statusCode, headers, body, isBase64Encoded } = result as {
    statusCode: number;
    headers?: Record<string, unknown>;
    body?: unknown;
    isBase64Encoded?: boolean;
  };
  const entries = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]);
  const answer = toAnswer(
    statusCode,
    { "content-type": "application/json", ...Object.fromEntries(entries) },
    textOf(body ?? ""),
  );
  return { ...answer, isBase64: isBase64Encoded === true };
}

function run(handler: Handler, event: unknown): unknown {
  const context = {
    functionName: "bench",
    functionVersion: "$LATEST",
    invokedFunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:bench",
    memoryLimitInMB: "1024",
    awsRequestId: "00000000-0000-4000-8000-000000000000",
    logGroupName: "/aws/lambda/bench",
    logStreamName: "bench",
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => 30_000,
  };
  if (handler.length < 3) return handler(event, context);
  return new Promise((resolve, reject) => {
    const callback = (error: unknown, result: unknown) => (error ? reject(error) : resolve(result));
    const returned = handler(event, context, callback);
    if (returned instanceof Promise) returned.then(resolve, reject);
  });
}

/** Payload format 2.0, as far as it can be told here. */
export function urlEvent({ method, path, headers, body }: PeerRequest): object {
  const [rawPath = "/", ...rest] = path.split("?");
  const rawQueryString = rest.join("?");
  const query = Object.fromEntries(new URLSearchParams(rawQueryString));
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString,
    headers,
    ...(rawQueryString === "" ? {} : { queryStringParameters: query }),
    requestContext: {
      accountId: "anonymous",
      apiId: "bench",
      domainName: headers["host"] ?? "",
      domainPrefix: "bench",
      http: { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "" },
      requestId: "00000000-0000-4000-8000-000000000000",
      routeKey: "$default",
      stage: "$default",
      time: "01/Jan/2026:00:00:00 +0000",
      timeEpoch: 1_767_225_600_000,
    },
    ...(body === "" ? {} : { body }),
    isBase64Encoded: false,
  };
}

function toAnswer(status: number, headers: Record<string, string>, body: string): PeerAnswer {
  return { status, headers, body, isBase64: false };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "null");
}
