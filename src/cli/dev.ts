import { basename, dirname, extname, resolve } from "node:path";
import type { Command } from "commander";
import { ApiClient } from "./api-client.ts";
import { UsageError } from "./cli-error.ts";
import { type ClientOptions, type CommandContext, createClient, defineCommand } from "./command.ts";
import { type DeployOptions, defaultRuntime, toSettings, withFunctionOptions } from "./deploy-settings.ts";
import { checkExists } from "./local-package.ts";

interface DevOptions
  extends ClientOptions,
    Pick<DeployOptions, "name" | "handler" | "runtime" | "memory" | "timeout" | "env" | "envFile"> {
  readonly port?: string;
  readonly event?: string;
  readonly stream?: boolean;
  readonly egressAllow?: readonly string[];
  readonly inspect?: string | true;
}

const defaultPort = 3000;
/** As Node's own, where Chrome and editors look for it. */
const defaultInspectPort = 9229;

const examples = [
  "brisk dev fn.ts",
  "brisk dev . --port 8080 --env-file .env",
  "brisk dev src/app.ts --event event.json",
  "brisk dev fn.ts --inspect",
  "brisk dev . --endpoint-url http://127.0.0.1:9000 --name greet",
];

export function devCommand(context: CommandContext): Command {
  const command = defineCommand(
    "dev <path>",
    "Run a function while it is written: deployed on every save",
    examples,
  ).option("--port <port>", `port of the function's URL; 0 picks a free one (${defaultPort})`);
  return withFunctionOptions(command)
    .option("--env <NAME=value>", "an environment variable; may be repeated", collect)
    .option("--env-file <file>", "environment variables as lines of NAME=value")
    .option("--event <file>", "invoke it with this JSON file after every save")
    .option("--stream", "let the URL stream responses (InvokeMode RESPONSE_STREAM)")
    .option(
      "--egress-allow <cidr>",
      "an address block that the function may reach; may be repeated (loopback)",
      collect,
    )
    .option(
      "--inspect [port]",
      `open its isolates to Chrome DevTools and other debuggers, on loopback (${defaultInspectPort})`,
    )
    .option("--endpoint-url <url>", "deploy to a Brisk that runs already (one of its own)")
    .option("--ca <file>", "PEM of a certificate authority to trust")
    .addHelpText(
      "after",
      "\nA folder is deployed with all of its files, a single file with all that it imports. Without --endpoint-url a server is\nstarted that listens on loopback and keeps nothing.",
    )
    .action((path: string, options: DevOptions) => dev(path, options, context));
}

async function dev(path: string, options: DevOptions, context: CommandContext): Promise<void> {
  const { terminal, signal, cwd } = context;
  const location = resolve(cwd, path);
  await checkExists(path, location);
  if (options.event !== undefined) await checkExists(options.event, resolve(cwd, options.event));
  const port = toPort("--port", options.port, defaultPort);
  const inspectPort = toInspectPort(options);
  const given = await toSettings(options as DeployOptions, cwd);
  // Loaded here: no other command needs a compiler.
  const [{ openSource }, { DevSession }, { LocalPaths }] = await Promise.all([
    import("./dev/dev-source.ts"),
    import("./dev/dev-session.ts"),
    import("./dev/local-paths.ts"),
  ]);
  const source = await openSource(location, options.handler);
  const settings = {
    name: options.name ?? nameOf(location),
    handler: source.handler,
    runtime: options.runtime ?? defaultRuntime,
    ...(given.MemorySize === undefined ? {} : { memorySizeMb: given.MemorySize }),
    ...(given.Timeout === undefined ? {} : { timeoutSeconds: given.Timeout }),
    ...(given.Environment === undefined ? {} : { environment: given.Environment.Variables }),
  };
  const streams = options.stream === true;
  const { OwnServer } = await import("./dev/dev-server.ts");
  const { RemoteServer } = await import("./dev/remote-server.ts");
  const server =
    options.endpointUrl === undefined
      ? await OwnServer.open({
          settings,
          port,
          streams,
          ...(inspectPort === undefined ? {} : { inspect: { port: inspectPort, root: source.root } }),
          config: { egressAllow: [...(options.egressAllow ?? ["127.0.0.0/8", "::1/128"])] },
          onRequest: (report) => terminal.say(DevSession.requestLine(report, terminal)),
        })
      : new RemoteServer(createClient(options, context), settings, streams, signal);
  try {
    await new DevSession({
      name: settings.name,
      source,
      server,
      client:
        options.endpointUrl === undefined
          ? new ApiClient(server.endpoint, { signal })
          : createClient(options, context),
      paths: new LocalPaths(source.root, cwd),
      terminal,
      signal,
      eventFile: options.event === undefined ? undefined : resolve(cwd, options.event),
    }).run();
  } finally {
    await source.close();
    await server.close();
  }
}

function nameOf(location: string): string {
  const name = basename(location, extname(location));
  // Of `src/index.ts` the folder says more.
  const said = name === "index" ? basename(dirname(location)) : name;
  return said.replace(/[^A-Za-z0-9_-]+/g, "-").slice(0, 64) || "function";
}

function toPort(flag: string, text: string | undefined, unsaid: number): number {
  if (text === undefined) return unsaid;
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new UsageError(`${flag} "${text}" is not a port: 0 to 65535`);
  return Number(text);
}

/** @throws {UsageError} Of a server that runs already, nobody may open the functions to debuggers. */
function toInspectPort({ inspect, endpointUrl }: DevOptions): number | undefined {
  if (inspect === undefined) return undefined;
  if (endpointUrl !== undefined)
    throw new UsageError("--inspect is for a server of brisk dev's own: leave --endpoint-url out");
  return toPort("--inspect", inspect === true ? undefined : inspect, defaultInspectPort);
}

function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}
