import type { Command } from "commander";
import { ConfigError, loadConfig } from "../config-load.ts";
import { SilentExit, UsageError } from "./cli-error.ts";
import { type CommandContext, defineCommand } from "./command.ts";
import { checkCertificate } from "./doctor-certificate.ts";
import { type CheckResult, checkDisk, checkMemoryReading, checkNames, checkNode } from "./doctor-checks.ts";
import { checkIsolates, checkPermissions } from "./doctor-sandbox.ts";

interface DoctorOptions {
  readonly data?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly json?: boolean;
}

export function doctorCommand(context: CommandContext): Command {
  return defineCommand("doctor", "Say what of this machine is fit to run Brisk, and what is not", [
    "brisk doctor",
    "brisk doctor --data /var/lib/brisk --json",
  ])
    .option("--data <dir>", "the data folder to look at (as brisk serve would choose it)")
    .option("--tls-cert <file>", "the server's certificate to look at")
    .option("--tls-key <file>", "its private key")
    .option("--json", "print data as JSON")
    .addHelpText("after", "\nExit code 1 when something is unfit; a warning alone is 0.")
    .action((options: DoctorOptions) => examine(options, context));
}

async function examine(options: DoctorOptions, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const { dataDir, tlsCert, tlsKey, tlsPassphraseFile } = await loadConfig({
    env: context.env,
    cwd: context.cwd,
    flags: {
      ...(options.data !== undefined && { dataDir: { flag: "--data", value: options.data } }),
      ...(options.tlsCert !== undefined && { tlsCert: { flag: "--tls-cert", value: options.tlsCert } }),
      ...(options.tlsKey !== undefined && { tlsKey: { flag: "--tls-key", value: options.tlsKey } }),
    },
  }).catch((error: unknown) => {
    throw error instanceof ConfigError
      ? new UsageError(`cannot look at the settings: ${error.message}`, { cause: error })
      : error;
  });
  const checks: CheckResult[] = [
    checkNode(process.versions.node),
    await checkIsolates(),
    await checkPermissions(),
    await checkMemoryReading(),
    await checkDisk(dataDir),
    await checkNames(),
  ];
  if (tlsCert !== undefined && tlsKey !== undefined) {
    checks.push(
      await checkCertificate({ certFile: tlsCert, keyFile: tlsKey, passphraseFile: tlsPassphraseFile }),
    );
  }
  const isFit = checks.every((check) => check.verdict !== "unfit");
  if (options.json) {
    terminal.json({ fit: isFit, checks });
  } else {
    for (const check of checks) terminal.print(formatCheck(check, context));
    terminal.print(isFit ? "This machine is fit to run Brisk." : "This machine is not fit to run Brisk.");
  }
  if (!isFit) throw new SilentExit(1);
}

function formatCheck({ verdict, name, detail }: CheckResult, { terminal }: CommandContext): string {
  const color = verdict === "fit" ? "green" : verdict === "warning" ? "yellow" : "red";
  return `${terminal.style(color, verdict.padEnd(7), "stdout")}  ${name.padEnd(16)}  ${detail}`;
}
