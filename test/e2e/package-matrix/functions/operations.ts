import type { MatrixFunction } from "../matrix-function.ts";

/** Tokens, logs, traces, AWS. Last in their process: the tracer patches node:http. */
export const operationsFunctions: readonly MatrixFunction[] = [
  {
    name: "jose",
    packages: ["jose"],
    does: "signs and verifies JWTs (HS256); a forged one",
    event: { sub: "ada" },
    answer: { sub: "ada", forged: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED", role: "service", kid: "one" },
  },
  {
    name: "jose-jwks",
    packages: ["jose"],
    does: "verifies JWTs by a set of public keys (ES256); a forged one",
    event: {
      token:
        "eyJhbGciOiJFUzI1NiIsImtpZCI6Im9uZSJ9.eyJyb2xlIjoic2VydmljZSIsImlzcyI6ImJyaXNrIn0.P-2q10I63xIw4ClhYGb4FBLqNpeMX1E8FSsn5EPLReP-LKBUN1crLJXhligCgAyB4z_OkLz9rOsyjqKJlru8xg",
    },
    answer: { role: "service", forged: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" },
  },
  {
    name: "jsonwebtoken",
    packages: ["jsonwebtoken"],
    does: "signs and verifies JWTs with an issuer and an expiry; one of another key",
    event: { sub: "ada" },
    answer: {
      sub: "ada",
      forged: "invalid signature",
      service:
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJyb2xlIjoic2VydmljZSIsImlhdCI6MTcwMDAwMDAwMCwiaXNzIjoiYnJpc2sifQ.mh0-OU5NK3hAIFBckF5NRotg8getn635_vjJvxx00io",
      role: "service",
    },
  },
  {
    name: "pino",
    packages: ["pino"],
    does: "children, redaction, levels; to a stream and to standard output",
    event: { user: "ada", password: "x" },
    answer: [
      { level: "info", service: "brisk", module: "init", msg: "ready" },
      {
        level: "debug",
        service: "brisk",
        module: "init",
        user: "ada",
        password: "[Redacted]",
        msg: "handled 1",
      },
    ],
  },
  {
    name: "winston",
    packages: ["winston"],
    does: "formats and levels; to a stream and to the console",
    event: { who: "ada" },
    answer: [
      { level: "info", message: "ready", service: "brisk" },
      { level: "warn", message: "hello ada", service: "brisk" },
    ],
  },
  {
    name: "sharp",
    packages: ["sharp"],
    does: "resizes an image",
    event: { width: 10 },
    answer: { width: 10, height: 5, isPng: true },
    missing: "native addons cannot be loaded in an isolate: use a package of JavaScript or WebAssembly alone",
  },
  {
    name: "aws-client-dynamodb",
    packages: ["@aws-sdk/client-dynamodb"],
    does: "puts and gets an item; a table that is missing",
    event: { id: "one" },
    answer: { Item: { id: { S: "one" }, count: { N: "1" } }, missing: "ResourceNotFoundException" },
  },
  {
    name: "aws-client-s3",
    packages: ["@aws-sdk/client-s3"],
    does: "puts, gets and lists objects over HTTP; a key that is missing",
    event: { text: "hello" },
    answer: { text: "hello", ContentType: "text/plain", keys: ["a/b.txt 5"], missing: "NoSuchKey" },
  },
  {
    name: "aws-client-lambda",
    packages: ["@aws-sdk/client-lambda"],
    does: "invokes a function of Brisk's own API; one that is missing",
    event: { text: "hello" },
    answer: { answer: { text: "hello" }, StatusCode: 200, missing: "ResourceNotFoundException" },
  },
  {
    name: "middy",
    packages: ["@middy/core"],
    does: "a handler in two middlewares",
    event: { name: "ada" },
    answer: { hello: "ada", steps: ["before one", "before two", "after two", "after one"] },
  },
  {
    name: "powertools-logger",
    packages: ["@aws-lambda-powertools/logger"],
    does: "logs JSON with keys, and what the context says",
    event: { order: "o-1" },
    answer: [
      {
        level: "INFO",
        message: "taken",
        service: "orders",
        team: "brisk",
        order: "o-1",
        amount: 3,
        function_name: "powertools-logger",
        dated: true,
      },
    ],
  },
  {
    name: "powertools-metrics",
    packages: ["@aws-lambda-powertools/metrics", "@middy/core"],
    does: "metrics and dimensions of an invocation, printed at its end by the middleware",
    event: { amount: 3 },
    answer: [
      {
        namespace: "shop",
        names: ["sold Count", "took Milliseconds"],
        values: { service: "orders", team: "brisk", sold: 3, took: 5 },
      },
    ],
  },
  {
    name: "powertools-tracer",
    packages: ["@aws-lambda-powertools/tracer", "@middy/core"],
    does: "tracing on: subsegments of the handler, of a decorated method over its awaits; HTTP requests carry the trace",
    remark: "there is no UDP: segments are not sent to a daemon, and the SDK logs that",
    event: { amount: 3 },
    answer: {
      traced: true,
      sampled: true,
      own: { name: "## index.handler", annotations: { Service: "orders", sold: true } },
      method: {
        name: "### charge",
        annotations: { amount: 3 },
        metadata: { orders: { receipt: { paid: 3 } } },
      },
      closed: true,
      asked: { root: "1-5759e988-bd862e3fe1be46a994272793", sampled: "1" },
    },
  },
];
