import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { ConfigError, loadConfig } from "../config-load.ts";
import { CliError, UsageError } from "./cli-error.ts";
import { type CommandContext, defineCommand } from "./command.ts";

interface RotateOptions {
  readonly data?: string;
  readonly config?: string;
  readonly masterKeyFile?: string;
  readonly masterKeyCommand?: string;
  readonly newMasterKeyFile?: string;
  readonly newMasterKeyCommand?: string;
  readonly json?: boolean;
}

export function masterKeyCommand(context: CommandContext): Command {
  const rotate = defineCommand(
    "rotate",
    "Seal a data folder under a new master key, while no server has it",
    [
      "brisk master-key rotate",
      "brisk master-key rotate --data /var/lib/brisk --new-master-key-file /etc/brisk/master.key",
      'brisk master-key rotate --new-master-key-command "pass show brisk"',
    ],
  )
    .option("--data <dir>", "folder of all state (.brisk)")
    .option("--master-key-file <file>", "where the master key of now is (master.key in the data folder)")
    .option("--master-key-command <command>", "what prints the master key of now")
    .option("--new-master-key-file <file>", "where the new one is; made when it is not there")
    .option("--new-master-key-command <command>", "what prints the new one")
    .option("--config <file>", "settings as JSON (brisk.config.json, if it is there)")
    .option("--json", "print data as JSON")
    .addHelpText(
      "after",
      "\nWithout a new one given, one is made in the file of the one before, which is kept beside it: backups that were\nmade with it need it. The keys themselves may be given as BRISK_MASTER_KEY and BRISK_NEW_MASTER_KEY, base64.",
    )
    .action((options: RotateOptions) => rotateKey(options, context));
  return defineCommand("master-key", "Manage the key that everything in a data folder is sealed under", [
    "brisk master-key rotate",
  ]).addCommand(rotate);
}

async function rotateKey(options: RotateOptions, context: CommandContext): Promise<void> {
  const { terminal, env, cwd } = context;
  const given = (flag: string, value: string | undefined) =>
    value === undefined ? undefined : { flag, value };
  const flags = {
    dataDir: given("--data", options.data),
    masterKeyFile: given("--master-key-file", options.masterKeyFile),
    masterKeyCommand: given("--master-key-command", options.masterKeyCommand),
  };
  const present = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
  const config = await loadConfig({
    flags: present,
    env,
    cwd,
    ...(options.config === undefined ? {} : { file: options.config }),
  }).catch((error: unknown) => {
    throw error instanceof ConfigError ? new UsageError(error.message, { cause: error }) : error;
  });
  const next = {
    masterKey: env["BRISK_NEW_MASTER_KEY"] || undefined,
    masterKeyFile: options.newMasterKeyFile && resolve(cwd, options.newMasterKeyFile),
    masterKeyCommand: options.newMasterKeyCommand,
  };
  const isGiven = Object.values(next).some((value) => value !== undefined);
  // The lock would make it.
  if (!existsSync(config.dataDir)) {
    throw new CliError(
      `cannot rotate the master key of ${config.dataDir}: there is no such folder; the first start of a server makes it, and --data names another one`,
    );
  }
  const { DataFolderInUseError, lockDataFolder } = await import("../store/index.ts");
  const { MasterKeyError, rotateMasterKey } = await import("../sealing/index.ts");
  try {
    const lock = lockDataFolder(config.dataDir);
    try {
      const rotation = await rotateMasterKey(config.dataDir, config, isGiven ? next : undefined);
      if (options.json) return terminal.json(rotation);
      terminal.say(`The master key is now ${rotation.to}, in ${rotation.origin}; it was ${rotation.from}`);
      if (rotation.keptFile !== undefined) {
        terminal.say(`The one before is in ${rotation.keptFile}: remove it when no backup needs it any more`);
      }
    } finally {
      lock.release();
    }
  } catch (error) {
    const isKnown = error instanceof MasterKeyError || error instanceof DataFolderInUseError;
    throw isKnown ? new CliError(error.message, { cause: error }) : error;
  }
}
