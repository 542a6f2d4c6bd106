import type { Command } from "commander";
import { ConfigError, type ConfigSources, loadConfig, refuseUnsafeListening } from "../config-load.ts";
import type { Runtime } from "../runtime.ts";
import { CliError, SilentExit, UsageError } from "./cli-error.ts";
import { type CommandContext, defineCommand } from "./command.ts";
import { createInterrupts } from "./interrupts.ts";
import { Progress } from "./progress.ts";

interface ServeOptions {
  readonly config?: string;
  readonly port?: string;
  readonly host?: string;
  readonly data?: string;
  readonly region?: string;
  readonly accountId?: string;
  readonly auth?: string;
  readonly urlListen?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsPassphraseFile?: string;
  readonly masterKeyFile?: string;
  readonly masterKeyCommand?: string;
  readonly domain?: readonly string[];
  readonly apiHost?: readonly string[];
  readonly egressAllow?: readonly string[];
  readonly egressDeny?: readonly string[];
  readonly snapstart?: string;
  readonly startStrategy?: string;
  readonly json?: boolean;
}

const examples = [
  "brisk serve",
  "brisk serve --port 0 --data /var/lib/brisk",
  "brisk serve --url-listen 0.0.0.0:9001 --domain functions.example.org",
  "brisk serve --auth sigv4 --host 0.0.0.0 --tls-cert fullchain.pem --tls-key privkey.pem",
  "BRISK_PORT=9100 brisk serve --egress-allow 10.0.0.0/8",
];

export function serveCommand(context: CommandContext): Command {
  return defineCommand("serve", "Run the Lambda API and function URLs", examples)
    .option("--port <port>", "port of the API and of function URLs; 0 picks a free one (9000)")
    .option("--host <host>", "address to listen on; loopback only while auth is none (127.0.0.1)")
    .option("--data <dir>", "folder of all state (.brisk)")
    .option("--region <region>", "AWS region in names and URLs (us-east-1)")
    .option("--account-id <id>", "AWS account in names (000000000000)")
    .option(
      "--auth <none|sigv4>",
      "who may use the API: all who reach it, or requests signed with an access key (none)",
    )
    .option("--url-listen <host:port>", "a listener of its own for function URLs, which may be public")
    .option("--tls-cert <file>", "PEM certificate with its chain: both listeners then speak TLS")
    .option("--tls-key <file>", "PEM private key of that certificate; both are read again when they change")
    .option("--tls-passphrase-file <file>", "file whose first line opens the private key")
    .option(
      "--master-key-file <file>",
      "key that all of the data folder is sealed under; made when it is not there (master.key in the data folder)",
    )
    .option("--master-key-command <command>", "a command that prints that key, as: pass show brisk")
    .option("--domain <domain>", "a domain under which function URLs answer; may be repeated", collect)
    .option("--api-host <host>", "a further Host name to which the API answers; may be repeated", collect)
    .option(
      "--egress-allow <rule>",
      "an address block or name that functions may reach; may be repeated",
      collect,
    )
    .option("--egress-deny <rule>", 'one that they may not reach, or "public"; may be repeated', collect)
    .option(
      "--snapstart <published|auto|off>",
      "which versions start from a snapshot: those published with SnapStart, all that can, or none (published)",
    )
    .option("--start-strategy <init|code-cache>", "how environments without a snapshot start (code-cache)")
    .option("--config <file>", "settings as JSON (brisk.config.json, if it is there)")
    .option("--json", "print the ready line as JSON")
    .addHelpText(
      "after",
      "\nEvery setting is also an environment variable (BRISK_PORT, BRISK_DATA, BRISK_MAX_CONCURRENCY, …) and a\nmember of the file (port, dataDir, maxConcurrency, …). Flags win over variables, variables over the file.",
    )
    .action((options: ServeOptions) => serve(options, context));
}

async function serve(options: ServeOptions, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const config = await loadConfig(toSources(options, context)).catch((error: unknown) => {
    throw asUsageError(error);
  });
  try {
    refuseUnsafeListening(config);
  } catch (error) {
    throw asUsageError(error);
  }
  // Before anything is opened, so that a signal at any moment closes it again.
  const interrupts = createInterrupts(context.onSignal);
  const { createRuntime } = await import("../runtime.ts");
  // The first start on a data folder freezes the guest's heap, and a person wonders what takes so long.
  const runtime = await new Progress(terminal)
    .step(
      "Starting",
      () => createRuntime(config),
      () => "Started",
    )
    .catch((error: unknown) => {
      throw new CliError(`cannot start: ${reasonOf(error)}`, { cause: error });
    });
  if (runtime.newMasterKeyFile !== undefined) sayMasterKey(runtime.newMasterKeyFile, terminal);
  if (runtime.newRootKey !== undefined) sayRootKey(runtime.newRootKey, terminal);
  try {
    const { url, urlListener } = await runtime.listen().catch((error: unknown) => {
      throw new CliError(`cannot listen: ${listenReason(error)}`, { cause: error });
    });
    if (urlListener !== undefined) terminal.say(`brisk: function URLs alone on ${urlListener.url}`);
    if (options.json) terminal.print(JSON.stringify({ url, urlListenerUrl: urlListener?.url }));
    else terminal.print(`brisk listening on ${url}`);
    await interrupts.first;
    terminal.say("brisk: finishing what runs; interrupt again to stop at once");
  } catch (error) {
    await runtime.close();
    throw error;
  }
  const stoppedAtOnce = interrupts.second.then(() => {
    terminal.say("brisk: stopped at once");
    throw new SilentExit(130);
  });
  await Promise.race([runtime.close(), stoppedAtOnce]);
}

function sayMasterKey(file: string, terminal: CommandContext["terminal"]): void {
  terminal.say(`brisk: a master key was made: ${file}`);
  terminal.say(
    "  The data folder is sealed under it, and lost without it. Keep a copy apart from the folder's backups.",
  );
}

/** Said at once: it is stored already, and whatever goes wrong after it, it is not said again. */
function sayRootKey(key: NonNullable<Runtime["newRootKey"]>, terminal: CommandContext["terminal"]): void {
  terminal.say("brisk: a root access key was made. Its secret is shown this once:");
  terminal.say(`  export AWS_ACCESS_KEY_ID=${key.accessKeyId}`);
  terminal.say(`  export AWS_SECRET_ACCESS_KEY=${key.secretAccessKey}`);
}

function toSources(options: ServeOptions, context: CommandContext): ConfigSources {
  const flags: NonNullable<ConfigSources["flags"]> = {};
  const flag = (
    name: keyof typeof flags,
    spelling: string,
    value: string | readonly string[] | undefined,
  ): void => {
    if (value !== undefined) flags[name] = { flag: spelling, value };
  };
  flag("port", "--port", options.port);
  flag("host", "--host", options.host);
  flag("dataDir", "--data", options.data);
  flag("region", "--region", options.region);
  flag("accountId", "--account-id", options.accountId);
  flag("auth", "--auth", options.auth);
  flag("urlListen", "--url-listen", options.urlListen);
  flag("tlsCert", "--tls-cert", options.tlsCert);
  flag("tlsKey", "--tls-key", options.tlsKey);
  flag("tlsPassphraseFile", "--tls-passphrase-file", options.tlsPassphraseFile);
  flag("masterKeyFile", "--master-key-file", options.masterKeyFile);
  flag("masterKeyCommand", "--master-key-command", options.masterKeyCommand);
  flag("domains", "--domain", options.domain);
  flag("apiHosts", "--api-host", options.apiHost);
  flag("egressAllow", "--egress-allow", options.egressAllow);
  flag("egressDeny", "--egress-deny", options.egressDeny);
  flag("snapstart", "--snapstart", options.snapstart);
  flag("startStrategy", "--start-strategy", options.startStrategy);
  return {
    flags,
    env: context.env,
    cwd: context.cwd,
    ...(options.config === undefined ? {} : { file: options.config }),
  };
}

function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

function asUsageError(error: unknown): unknown {
  if (!(error instanceof ConfigError)) return error;
  return new UsageError(`cannot start: ${error.message}`, { cause: error });
}

/** What the system said is the cause of what the listeners threw. */
function listenReason(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const { code, address, port } = cause as NodeJS.ErrnoException & { address?: string; port?: number };
  if (code === "EADDRINUSE") {
    return `${address}:${port} is in use (choose another with --port, or 0 for a free one)`;
  }
  if (code === "EACCES" && port !== undefined)
    return `no permission for ${address}:${port} (ports below 1024 need privileges)`;
  return reasonOf(error);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
