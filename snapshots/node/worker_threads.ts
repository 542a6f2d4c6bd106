import { requireInternal } from "../registry.ts";
import { uncloneable, untransferable } from "../web/cloning.ts";
import { unavailableModule } from "./internal/unavailable-module.ts";

type Web = Record<string, unknown>;

const { MessageChannel, MessagePort, receiveMessageOnPort } = requireInternal(
  "brisk:web/lazy/message-channel",
) as Web;

/** What a worker would be given a copy of. */
const environmentData = new Map<unknown, unknown>();

const isObject = (value: unknown): value is object =>
  (typeof value === "object" && value !== null) || typeof value === "function";

const exported = unavailableModule(
  "worker_threads",
  "an environment has one thread: invoke another function for parallel work",
  ["Worker", "moveMessagePortToContext", "postMessageToThread"],
  {
    MessageChannel,
    MessagePort,
    SHARE_ENV: Symbol.for("nodejs.worker_threads.SHARE_ENV"),
    getEnvironmentData: (key: unknown) => environmentData.get(key),
    isInternalThread: false,
    isMainThread: true,
    isMarkedAsUntransferable: (value: unknown) => isObject(value) && untransferable.has(value),
    markAsUncloneable(value: unknown) {
      if (isObject(value)) uncloneable.add(value);
    },
    markAsUntransferable(value: unknown) {
      if (isObject(value)) untransferable.add(value);
    },
    parentPort: null,
    receiveMessageOnPort,
    resourceLimits: {},
    setEnvironmentData(key: unknown, value: unknown) {
      if (value === undefined) environmentData.delete(key);
      else environmentData.set(key, value);
    },
    threadId: 0,
    threadName: "",
    workerData: null,
  },
);
// A class that most who ask for a channel do without.
Object.defineProperty(exported, "BroadcastChannel", {
  enumerable: true,
  get: () => (requireInternal("brisk:web/lazy/broadcast-channel") as Web)["BroadcastChannel"],
});
Object.defineProperty(exported, "locks", {
  enumerable: true,
  get: () => (requireInternal("library:internal/locks") as Web)["locks"],
});

export default exported;
