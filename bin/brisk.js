#!/usr/bin/env node
// Chooses the program (src in a checkout, dist in an installed package) and the Node that runs it. Written in
// syntax that any Node with ES modules parses, because telling an old one what is missing is its work.
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const neededMajor = 24;
const sourceCondition = "--conditions=brisk-source";
const launcher = fileURLToPath(import.meta.url);
const root = dirname(dirname(launcher));
const source = join(root, "src", "cli", "main.ts");
const isCheckout = existsSync(source);
const program = isCheckout ? source : join(root, "dist", "src", "cli", "main.js");
// A development dependency: an installed package runs on its user's Node.
const pinnedNode = join(root, "node_modules", "node", "bin", "node");

if (!existsSync(program)) {
  fail(`neither ${source} nor ${program} exists; run npm run build, or install the package anew`);
} else if (isCheckout && !existsSync(join(root, "node_modules"))) {
  fail(`nothing is installed in ${root}; run npm ci there first`);
} else if (isCheckout && existsSync(pinnedNode) && !isThisNode(pinnedNode) && !wasHandedOver()) {
  runWith(pinnedNode);
} else if (Number(process.versions.node.split(".")[0]) < neededMajor) {
  fail(
    `Brisk needs Node ${neededMajor} or newer, and this is Node ${process.versions.node} (${process.execPath})` +
      (isCheckout
        ? "; run npm ci, which brings the right one along"
        : "; install a newer Node from https://nodejs.org"),
  );
} else {
  const { main } = await import(pathToFileURL(program).href);
  await main(process.argv.slice(2));
}

function isThisNode(path) {
  try {
    return realpathSync(path) === realpathSync(process.execPath);
  } catch {
    return false;
  }
}

/** Whether this process was started by `runWith`: a pinned Node that is a script around another would go on for ever. */
function wasHandedOver() {
  return process.execArgv.includes(sourceCondition);
}

/** Becomes `node`, as far as a parent and a terminal can tell: its streams, its signals, its end. */
function runWith(node) {
  const child = spawn(node, [sourceCondition, launcher, ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  const forward = (signal) => child.kill(signal);
  const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
  for (const signal of signals) process.on(signal, forward);
  child.on("error", (error) => fail(`cannot start ${node}: ${error.message}`));
  child.on("exit", (code, signal) => {
    for (const name of signals) process.removeListener(name, forward);
    if (signal === null) process.exitCode = code === null ? 1 : code;
    else process.kill(process.pid, signal);
  });
}

function fail(message) {
  console.error(`error: ${message}`);
  process.exitCode = 1;
}
