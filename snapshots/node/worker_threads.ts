import { unavailableModule } from "./internal/unavailable-module.ts";

const exported = unavailableModule(
  "worker_threads",
  "an environment has one thread: invoke another function for parallel work",
  ["Worker", "moveMessagePortToContext", "postMessageToThread"],
  {
    isMainThread: true,
    isInternalThread: false,
    parentPort: null,
    workerData: null,
    threadId: 0,
    threadName: "",
    resourceLimits: {},
    SHARE_ENV: Symbol.for("nodejs.worker_threads.SHARE_ENV"),
    markAsUntransferable() {},
    isMarkedAsUntransferable: () => false,
    markAsUncloneable() {},
    getEnvironmentData: () => undefined,
    setEnvironmentData() {},
    receiveMessageOnPort: () => undefined,
  },
);
for (const name of ["MessageChannel", "MessagePort", "BroadcastChannel"]) {
  Object.defineProperty(exported, name, {
    enumerable: true,
    get: () => (globalThis as unknown as Record<string, unknown>)[name],
  });
}

export default exported;
