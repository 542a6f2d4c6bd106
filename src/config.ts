import { z } from "zod";

const megabytes = 1024 * 1024;

const settings = z.strictObject({
  /** TCP port of the API and, by host name, of function URLs; 0 picks a free one. */
  port: z.number().int().min(0).max(65535).default(9000),
  /** Address of that listener; others than loopback ones need auth "sigv4". */
  host: z.string().min(1).default("127.0.0.1"),
  /** Folder that holds all state. */
  dataDir: z.string().min(1).default(".brisk"),
  /**
   * The master key, under which all in there is sealed: a file for its owner only, made when it is not there (default:
   * `master.key` in the data folder); or a shell command that prints it; or the key itself. It is 32 bytes as base64. At
   * most one of the three.
   */
  masterKeyFile: z.string().min(1).optional(),
  masterKeyCommand: z.string().min(1).optional(),
  /** For BRISK_MASTER_KEY and embedding: a file of settings is no place for a secret. */
  masterKey: z.string().optional(),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "a region looks like us-east-1")
    .default("us-east-1"),
  accountId: z
    .string()
    .regex(/^\d{12}$/, "an account id has twelve digits")
    .default("000000000000"),
  /** Who may use the API: whoever reaches it, on loopback alone; or requests that an access key has signed. */
  auth: z.enum(["none", "sigv4"]).default("none"),
  /** `host:port` of a listener that serves function URLs only. */
  urlListen: z.string().optional(),
  /**
   * PEM files: the server's certificate, with the chain that leads to its root behind it, and its private key. Both
   * listeners then speak TLS alone. They are read again when they change.
   */
  tlsCert: z.string().min(1).optional(),
  tlsKey: z.string().min(1).optional(),
  /** File whose first line opens the private key. */
  tlsPassphraseFile: z.string().min(1).optional(),
  /** Connections that each listener holds at once; those of one address (of IPv6: its /64) among them. */
  maxConnections: z.number().int().min(1).max(1_000_000).default(20_000),
  maxConnectionsPerAddress: z.number().int().min(1).max(1_000_000).default(5_000),
  /** Bytes of a request's line and headers together, and how many headers it may have. */
  maxHeaderBytes: z
    .number()
    .int()
    .min(8 * 1024)
    .max(1 * megabytes)
    .default(32 * 1024),
  maxHeaderCount: z.number().int().min(20).max(10_000).default(256),
  /** Time for a TLS handshake and then for the head of a request, each; and for all of a request, ms. */
  headersTimeoutMs: z.number().int().min(100).max(3_600_000).default(30_000),
  requestTimeoutMs: z.number().int().min(100).max(3_600_000).default(120_000),
  /** A connection without a request is closed after this, ms. Longer than common proxies' 60 s, so that they close first. */
  keepAliveTimeoutMs: z.number().int().min(100).max(3_600_000).default(65_000),
  /** Domains under which function URLs answer, besides `lambda-url.<region>.localhost`. */
  domains: z.array(z.string().min(1)).default([]),
  /** Further Host names to which the API answers, besides loopback ones. */
  apiHosts: z.array(z.string().min(1)).default([]),
  /** Believe X-Forwarded-For, -Proto and -Port of the connecting peer. */
  trustForwarded: z.boolean().default(false),
  /** What guests may reach besides public addresses: CIDR blocks, or names such as `db.internal` and `*.example.com`. */
  egressAllow: z.array(z.string()).default([]),
  /** What guests may not reach, even if it is allowed: the same, or `public` for all that is not allowed by name or block. */
  egressDeny: z.array(z.string()).default([]),
  /** Invocations that may run at once (Lambda's account limit). */
  maxConcurrency: z.number().int().min(1).max(100_000).default(1000),
  /** Execution environments that may exist at once, idle ones included. */
  maxEnvironments: z.number().int().min(1).max(100_000).default(1000),
  /** Bytes that idle environments may hold together before the least recently used is retired. */
  memoryBudgetBytes: z
    .number()
    .int()
    .min(16 * megabytes)
    .default(4096 * megabytes),
  /** An environment idle for longer is retired, ms. */
  idleTimeoutMs: z.number().int().min(10).default(300_000),
  /** Wall time that init may take, ms. */
  initTimeoutMs: z.number().int().min(100).max(900_000).default(10_000),
  /** CPU time of one invocation, ms, for functions that set none; absent: Lambda's CPU share. */
  cpuTimeMs: z.number().int().min(10).optional(),
  /** Bytes that one invocation may log. */
  logBytesPerInvocation: z
    .number()
    .int()
    .min(1024)
    .default(1 * megabytes),
  /** A log stream's file is rotated at this size. */
  logFileBytes: z
    .number()
    .int()
    .min(64 * 1024)
    .default(16 * megabytes),
  /** Whether the audit log has invocations too: of the API and of function URLs (CloudTrail's data events). */
  auditDataEvents: z.boolean().default(false),
  /** Bytes of one file of the audit log, and of all of them; days after which a file goes (CloudTrail's history has 90). */
  auditFileBytes: z
    .number()
    .int()
    .min(64 * 1024)
    .default(16 * megabytes),
  auditTotalBytes: z
    .number()
    .int()
    .min(1 * megabytes)
    .default(1024 * megabytes),
  auditRetentionDays: z.number().int().min(1).max(36_500).default(90),
  /** Bytes a second of a streamed response after its first 6 MB (Lambda: 2 MiB); 0 is no cap. */
  streamBytesPerSecond: z.number().int().min(0).default(0),
  /** Host processes kept ready without work. */
  spareHosts: z.number().int().min(0).max(16).default(1),
  /** Environments restored ahead of need, for each version with a snapshot that is in use. */
  spareEnvironments: z.number().int().min(0).max(16).default(1),
  /** Builder process: wall time, ms, and heap, MB, for one deployment. */
  builderTimeoutMs: z.number().int().min(1000).default(120_000),
  builderMemoryMb: z.number().int().min(128).default(2048),
  /**
   * A person waits for each deployment, and may debug: a builder is kept with its compiler ready, for 40 MB more memory, and
   * functions may be opened to a debugger. What `brisk dev` sets; not for servers.
   */
  dev: z.boolean().default(false),
  /**
   * With `dev`, opens every isolate to debuggers on this machine: at this port (0 picks a free one) of loopback, with the
   * folder that is deployed, in which they find the sources. Functions have no limits of time then. For embedding.
   */
  inspect: z
    .strictObject({ port: z.number().int().min(0).max(65535), root: z.string().min(1).optional() })
    .optional(),
  /**
   * Which versions get a snapshot of their heap after init: those that ask for SnapStart when they are published,
   * every version including `$LATEST` (made in the background after each deploy), or none.
   */
  snapstart: z.enum(["published", "auto", "off"]).default("published"),
  /** How environments of versions without a snapshot start, unless the function's BRISK_START says otherwise. */
  startStrategy: z.enum(["init", "code-cache"]).default("code-cache"),
  /** SIGTERM waits this long for running invocations, ms. */
  drainTimeoutMs: z.number().int().min(0).default(30_000),
});

/** Every setting of a runtime, with its unit, default and range. The CLI, the environment and embedding all end here. */
export const configSchema = settings
  .refine(({ tlsCert, tlsKey }) => (tlsCert === undefined) === (tlsKey === undefined), {
    path: ["tlsKey"],
    message: "tlsCert and tlsKey come together",
  })
  .refine(({ inspect, dev }) => inspect === undefined || dev, {
    path: ["inspect"],
    message: "isolates are opened to debuggers with the setting dev alone",
  });

export type Config = z.output<typeof configSchema>;
export type ConfigInput = z.input<typeof configSchema>;
