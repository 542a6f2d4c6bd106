import { spawn } from "node:child_process";
import { once } from "node:events";
import { findPeer, type PeerName, peersFolder } from "../../src/lab/strategies/peer-programs.ts";

const versions: Readonly<Record<PeerName, string>> = {
  workerd: "1.20261117.1",
  deno: "2.9.6",
  bun: "1.4.5",
};

/** Installs those that are not here into bench/.peers. */
export async function installPeers(names: readonly PeerName[]): Promise<void> {
  const missing = names.filter((name) => findPeer(name) === undefined);
  if (missing.length === 0) return;
  // Those that were installed before would be removed if they were not named again.
  const specifiers = (Object.keys(versions) as PeerName[])
    .filter((name) => missing.includes(name) || findPeer(name)?.startsWith(peersFolder))
    .map((name) => `${name}@${versions[name]}`);
  process.stderr.write(`installing ${specifiers.join(" ")} into bench/.peers\n`);
  const npm = spawn(
    "npm",
    // The programs are in optional dependencies, so that no install script has to run.
    [
      ...["install", "--prefix", peersFolder, "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"],
      ...specifiers,
    ],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  const [code] = await once(npm, "exit");
  if (code !== 0) throw new Error(`Cannot install ${specifiers.join(" ")}: npm exited with ${code}`);
}

/** @throws {Error} When it could not be installed. */
export async function installedPeer(name: PeerName): Promise<string> {
  await installPeers([name]);
  const program = findPeer(name);
  if (program === undefined) throw new Error(`${name} is not in ${peersFolder} after it was installed`);
  return program;
}
