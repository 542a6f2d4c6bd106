"use strict";
/**
 * Runs one file of web-platform-tests and answers with its subtests: as a Lambda handler in Brisk, and started by
 * node-main.cjs in Node. Both run this same text over the same files.
 */
const fs = require("node:fs");
const path = require("node:path");

/** A file that reports nothing for this long has got stuck, ms; sooner when nothing is under way any more. */
const silenceMs = 10_000;
const idleMs = 2_500;
const longestMessage = 400;
/** As they were before a test replaces them. */
const { setTimeout: later, clearTimeout: forget, setImmediate: soon } = globalThis;

/** What the file has reported so far, for the event that comes when its loop was empty. */
let giveUp;

exports.handler = (event, context, callback) => {
  if (event.end === true || event.kill === true) process.reallyExit(0);
  if (event.collect === true)
    return callback(null, giveUp("timeout", "nothing is under way, and it has not completed"));
  if (giveUp !== undefined) return callback(null, { state: "used" });
  context.callbackWaitsForEmptyEventLoop = false;
  run(event, (result) => callback(null, result));
};
exports.start = (event, answer) => {
  process.on("beforeExit", () => answer(giveUp("timeout", "nothing is under way, and it has not completed")));
  run(event, answer);
};

/**
 * @param {{ path: string, variant: string, scripts: string[], title?: string, init?: string, pretendsWindow?: boolean,
 *   deadlineMs: number }} test Paths below wpt/.
 * @param {(result: object) => void} answer Called once.
 */
function run(test, answer) {
  const root = path.join(__dirname, "wpt");
  const subtests = [];
  let message = "";
  const startedMs = Date.now();
  let lastMs = startedMs;
  let isOver = false;
  let watch;
  let keepAlive;
  const end = (state, reason) => {
    isOver = true;
    forget(watch);
    forget(keepAlive);
    return { state, message: message || reason, subtests };
  };
  giveUp = end;
  const finish = (state, reason) => {
    if (!isOver) answer(end(state, reason));
  };
  const look = () => {
    const nowMs = Date.now();
    if (nowMs - lastMs > silenceMs || nowMs - startedMs > test.deadlineMs) finish("timeout", "");
    else watch = later(look, 500).unref();
  };
  // What waits without keeping the loop alive, as AbortSignal.timeout() does, has some time yet.
  const stay = () => {
    if (Date.now() - lastMs < idleMs) keepAlive = later(stay, idleMs);
  };
  watch = later(look, 500).unref();
  stay();
  const uncaught = (error) => {
    if (message === "") message = `uncaught: ${textOf(error)}`;
  };
  process.on("uncaughtException", uncaught);
  process.on("unhandledRejection", uncaught);

  define("self", globalThis);
  define("GLOBAL", { isWindow: () => false, isWorker: () => false, isShadowRealm: () => false });
  define("location", new URL(`http://wpt/${test.path.replace(/\.js$/, ".html")}${test.variant}`));
  if (test.title !== undefined) define("META_TITLE", test.title);
  if (test.pretendsWindow === true) define("Window", Object.getPrototypeOf(globalThis).constructor);
  const read = (name) => {
    const known = name === "/resources/WebIDLParser.js" ? "/resources/webidl2/lib/webidl2.js" : name;
    return path.join(root, known.startsWith("/") ? "" : path.dirname(test.path), known);
  };
  serveFiles(read);

  // Indirect: at the top level of the realm, and sloppy.
  // biome-ignore lint/security/noGlobalEval: this is how scripts of a page are run here
  const evaluate = globalThis.eval;
  try {
    if (test.init !== undefined) evaluate(test.init);
    evaluate(fs.readFileSync(path.join(root, "resources/testharness.js"), "utf8"));
    globalThis.add_result_callback((result) => {
      if (isOver) return;
      lastMs = Date.now();
      const name = String(result.name).toWellFormed();
      const text = String(result.message ?? "").toWellFormed();
      subtests.push(result.status === 0 ? [name, 1] : [name, 0, text.slice(0, longestMessage)]);
    });
    globalThis.add_completion_callback((_tests, status) => {
      if (status.status === 0) finish("ok", message);
      else if (status.status === 2) finish("timeout", String(status.message ?? ""));
      else finish("error", String(status.message ?? ""));
    });
    // One text: what a script declares with let, const or class is seen by the ones behind it.
    const texts = test.scripts.map((name) => fs.readFileSync(read(name), "utf8"));
    texts.push(adapted(test.path, fs.readFileSync(path.join(root, test.path), "utf8")));
    // The semicolon makes plain strings of directives: a strict eval would keep its variables to itself.
    evaluate(`;${texts.join("\n;\n")}`);
  } catch (error) {
    soon(() => finish("error", `uncaught: ${textOf(error)}`));
  }
}

/** Elements of documents do not exist here: as Node's runner has it, only URL is tried. */
function adapted(name, text) {
  return name.endsWith("toascii.window.js") ? text.replace('["url", "a", "area"]', '["url"]') : text;
}

/** Requests for files of the suite are answered from the files; all others are what the platform makes of them. */
function serveFiles(read) {
  const platformFetch = globalThis.fetch;
  globalThis.fetch = function fetch(input, init) {
    const name = typeof input === "string" ? input : "";
    if (name === "" || /^[a-z]+:/i.test(name)) return platformFetch.call(globalThis, input, init);
    return Promise.resolve().then(() => {
      const bytes = new Uint8Array(fs.readFileSync(read(name.replace(/[?#].*$/, ""))));
      const text = () => new TextDecoder().decode(bytes);
      return {
        ok: true,
        status: 200,
        arrayBuffer: async () => bytes.slice().buffer,
        bytes: async () => bytes,
        json: async () => JSON.parse(text()),
        text: async () => text(),
      };
    });
  };
}

function define(name, value) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true });
}

function textOf(error) {
  try {
    return String(error?.stack ?? error).slice(0, longestMessage);
  } catch {
    return "an error that cannot be shown";
  }
}
