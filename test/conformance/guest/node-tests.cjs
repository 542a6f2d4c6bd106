"use strict";
/**
 * Runs one file of Node's own tests as a program: its end is that of its process. In Brisk an event runs the file
 * until nothing keeps its loop alive; the next events are the process's last moments. In Node it simply runs.
 */
const path = require("node:path");

/** @type {Record<string, () => unknown>} What it is called, and what loads it. Written for each package. */
const tests = require("./tests.cjs");
/** As they were before a test replaces them. */
const { process, setImmediate: soon } = globalThis;
const { listenerCount, emit, exit, reallyExit, removeAllListeners, nextTick } = process;
let hasRun = false;
let isLeaving = false;

exports.handler = (event) => {
  if (event.kill === true) {
    removeAllListeners.call(process);
    reallyExit.call(process, 1);
  }
  if (event.end === true && !hasRun) return Promise.resolve("lost");
  if (event.end !== true && hasRun) return Promise.resolve("used");
  if (event.end === true) return leaveNow();
  hasRun = true;
  // A turn of its own: what is thrown is uncaught, as at the top level of a program.
  soon(() => start(event));
};
exports.start = start;

/** In this turn: timers that did not keep the process alive must not run before its end. */
function leaveNow() {
  try {
    leave();
  } catch (error) {
    nextTick(() => {
      throw error;
    });
  }
}

function leave() {
  // What listeners of beforeExit start keeps the process alive.
  if (!isLeaving && listenerCount.call(process, "beforeExit") > 0) {
    isLeaving = true;
    emit.call(process, "beforeExit", process.exitCode ?? 0);
    return;
  }
  exit.call(process);
}

function start(event) {
  process.argv[1] = path.join(__dirname, "test/parallel", event.path);
  lendWhatCommonNeeds();
  tests[event.path]();
}

/** Node's test/common calls these when it is loaded, whatever the test is about. */
function lendWhatCommonNeeds() {
  const net = require("node:net");
  net.getDefaultAutoSelectFamilyAttemptTimeout ??= () => 250;
  net.setDefaultAutoSelectFamilyAttemptTimeout ??= () => {};
}
