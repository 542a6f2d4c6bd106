import { spawn } from "node:child_process";
import { once } from "node:events";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { ChildServer } from "../../src/lab/child-server.ts";

const version = "1.20261117.1";
const folder = join(import.meta.dirname, "../.peers");

/** Starts workerd with a configuration from bench/peers; its socket is named `http`. */
export async function startWorkerd(configuration: string): Promise<ChildServer & { readonly url: string }> {
  const binary = await installedBinary();
  const server = await ChildServer.start({
    command: binary,
    // It tells which port it got on the control file descriptor.
    args: ["serve", configuration, "--experimental", "--socket-addr=http=127.0.0.1:0", "--control-fd=1"],
    cwd: join(import.meta.dirname, "../peers"),
    readyLine: /"event":"listen".*"port":(\d+)/,
  });
  return Object.assign(server, { url: `http://127.0.0.1:${server.ready}` });
}

async function installedBinary(): Promise<string> {
  const binary = join(folder, `node_modules/@cloudflare/workerd-${platform()}/bin/workerd`);
  const exists = await access(binary).then(
    () => true,
    () => false,
  );
  if (!exists) await npmInstall(`workerd@${version}`);
  return binary;
}

/** workerd's packages are named after Node's platform and 64 or arm64. */
function platform(): string {
  return `${process.platform}-${process.arch === "x64" ? "64" : process.arch}`;
}

async function npmInstall(specifier: string): Promise<void> {
  process.stderr.write(`installing ${specifier} into bench/.peers\n`);
  // The binary is in an optional dependency, so that no install script has to run.
  const args = [
    "install",
    "--prefix",
    folder,
    "--no-save",
    "--no-audit",
    "--no-fund",
    "--ignore-scripts",
    specifier,
  ];
  const npm = spawn("npm", args, { stdio: ["ignore", "ignore", "inherit"] });
  const [code] = await once(npm, "exit");
  if (code !== 0) throw new Error(`Cannot install ${specifier}: npm exited with ${code}`);
}
