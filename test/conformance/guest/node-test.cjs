"use strict";
/**
 * The part of node:test that Node's own tests declare themselves with: tests and suites, hooks, subtests, skips. They
 * run one after the other; the first failure becomes the program's.
 */
const assert = require("node:assert");

const root = suite("");
let isStarted = false;

function suite(name, parent) {
  return { name, parent, entries: [], before: [], after: [], beforeEach: [], afterEach: [] };
}

let current = root;

function argumentsOf(name, options, body) {
  if (typeof name === "function") return { name: name.name, options: {}, body: name };
  if (typeof name === "object" && name !== null) return { name: "", options: name, body: options };
  if (typeof options === "function") return { name, options: {}, body: options };
  return { name, options: options ?? {}, body };
}

function start() {
  if (isStarted) return;
  isStarted = true;
  setImmediate(() => {
    runSuite(root).catch((error) => {
      setImmediate(() => {
        throw error;
      });
    });
  });
}

function test(...args) {
  const { name, options, body } = argumentsOf(...args);
  start();
  return new Promise((resolve) => {
    current.entries.push(async (hooks) => {
      if (!options.skip && !options.todo && body !== undefined) await runTest(name, body, hooks, options);
      resolve();
    });
  });
}

function describe(...args) {
  const { name, options, body } = argumentsOf(...args);
  start();
  const made = suite(name, current);
  const outer = current;
  current = made;
  const collected = options.skip ? undefined : body?.(context(name));
  current = outer;
  outer.entries.push(async () => {
    await collected;
    await runSuite(made);
  });
  return Promise.resolve();
}

async function runSuite(owner) {
  for (const hook of owner.before) await call(hook);
  for (const entry of owner.entries) await entry(chain(owner));
  for (const hook of owner.after) await call(hook);
}

function chain(owner) {
  const outer = owner.parent === undefined ? { beforeEach: [], afterEach: [] } : chain(owner.parent);
  return {
    beforeEach: [...outer.beforeEach, ...owner.beforeEach],
    afterEach: [...owner.afterEach, ...outer.afterEach],
  };
}

async function runTest(name, body, hooks, options) {
  const given = context(name, options);
  for (const hook of hooks.beforeEach) await call(hook, given);
  await call(body, given);
  await given.finish();
  for (const hook of hooks.afterEach) await call(hook, given);
}

/** A body with two parameters answers by callback. */
function call(body, given) {
  if (body.length < 2) return body(given);
  return new Promise((resolve, reject) => {
    body(given, (error) => (error ? reject(error) : resolve()));
  });
}

function context(name, options = {}) {
  const own = { beforeEach: [], afterEach: [] };
  const after = [];
  const running = [];
  let counted = 0;
  let planned = options.plan;
  const counting = new Proxy(assert, {
    get(target, key) {
      const method = target[key];
      if (typeof method !== "function") return method;
      return (...args) => {
        counted++;
        return method.apply(target, args);
      };
    },
  });
  return {
    name,
    fullName: name,
    signal: new AbortController().signal,
    assert: counting,
    mock,
    test(...args) {
      const { name: inner, options: innerOptions, body } = argumentsOf(...args);
      counted++;
      if (innerOptions.skip || innerOptions.todo || body === undefined) return Promise.resolve();
      const run = runTest(inner, body, own, innerOptions);
      running.push(run);
      return run;
    },
    before: (hook) => call(hook),
    after: (hook) => void after.push(hook),
    beforeEach: (hook) => void own.beforeEach.push(hook),
    afterEach: (hook) => void own.afterEach.push(hook),
    diagnostic() {},
    skip() {},
    todo() {},
    runOnly() {},
    plan(count) {
      planned = count;
    },
    async waitFor(condition, { interval = 50, timeout = 1000 } = {}) {
      for (let waitedMs = 0; ; waitedMs += interval) {
        try {
          return await condition();
        } catch (error) {
          if (waitedMs >= timeout) throw error;
          await new Promise((resolve) => setTimeout(resolve, interval));
        }
      }
    },
    async finish() {
      await Promise.all(running);
      for (const hook of after) await call(hook, this);
      mock.restoreAll();
      if (planned !== undefined)
        assert.strictEqual(counted, planned, `planned ${planned} assertions, ran ${counted}`);
    },
  };
}

const restorers = [];
const mock = {
  fn(original = () => {}, implementation = original) {
    const calls = [];
    const mocked = function (...args) {
      const record = { arguments: args, this: this, target: new.target, result: undefined, error: undefined };
      calls.push(record);
      try {
        record.result =
          new.target === undefined ? implementation.apply(this, args) : new implementation(...args);
        return record.result;
      } catch (error) {
        record.error = error;
        throw error;
      }
    };
    mocked.mock = {
      calls,
      callCount: () => calls.length,
      resetCalls: () => void calls.splice(0),
      mockImplementation: (next) => {
        implementation = next;
      },
      restore() {},
    };
    return mocked;
  },
  method(object, name, implementation) {
    const descriptor = Object.getOwnPropertyDescriptor(object, name);
    const original = object[name];
    const mocked = mock.fn(original, implementation ?? original);
    const restore = () => {
      if (descriptor === undefined) delete object[name];
      else Object.defineProperty(object, name, descriptor);
    };
    mocked.mock.restore = restore;
    restorers.push(restore);
    Object.defineProperty(object, name, {
      value: mocked,
      configurable: true,
      writable: true,
      enumerable: descriptor?.enumerable ?? true,
    });
    return mocked;
  },
  restoreAll() {
    for (const restore of restorers.splice(0).reverse()) restore();
  },
  reset() {
    mock.restoreAll();
  },
};

const hook = (kind) => (body) => {
  start();
  current[kind].push(body);
};
const quiet = (declare) => Object.assign(declare, { skip() {}, todo() {}, only: declare });

module.exports = quiet(test);
Object.assign(module.exports, {
  test,
  it: quiet((...args) => test(...args)),
  describe: quiet(describe),
  suite: quiet((...args) => describe(...args)),
  before: hook("before"),
  after: hook("after"),
  beforeEach: hook("beforeEach"),
  afterEach: hook("afterEach"),
  mock,
});
