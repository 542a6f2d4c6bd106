/** A folder of web-platform-tests that counts as one. */
export interface WptGroup {
  readonly name: string;
  /** Share of what Node passes that Brisk has to pass. */
  readonly aim?: number;
  /** Evaluated before the harness, as Node's own runner does for this folder. */
  readonly init?: string;
}

const navigation = `performance.markResourceTiming?.({ startTime: 0, endTime: 0, finalServiceWorkerStartTime: 0,
  redirectStartTime: 0, redirectEndTime: 0, postRedirectStartTime: 0, finalNetworkRequestStartTime: 0,
  finalNetworkResponseStartTime: 0, encodedBodySize: 0, decodedBodySize: 0, finalConnectionTimingInfo: {
  domainLookupStartTime: 0, domainLookupEndTime: 0, connectionStartTime: 0, connectionEndTime: 0,
  secureConnectionStartTime: 0, ALPNNegotiatedProtocol: "" } }, "https://nodejs.org", "", globalThis, "", {}, 200, "");`;

/** In the order in which they are printed. */
export const wptGroups: readonly WptGroup[] = [
  { name: "encoding", aim: 0.98 },
  { name: "url", aim: 0.98 },
  { name: "streams", aim: 0.98 },
  { name: "console", aim: 0.98 },
  { name: "hr-time", aim: 0.98 },
  { name: "dom/abort", aim: 0.98 },
  { name: "dom/events", aim: 0.98 },
  { name: "html/webappapis", aim: 0.98 },
  { name: "WebCryptoAPI", aim: 0.97 },
  { name: "FileAPI", aim: 0.95 },
  { name: "urlpattern", aim: 0.95 },
  { name: "compression", aim: 0.95 },
  { name: "webidl", aim: 0.95 },
  { name: "user-timing", aim: 0.95 },
  { name: "performance-timeline", aim: 0.95, init: navigation },
  { name: "webmessaging" },
  { name: "wasm" },
];

/** Node's tests whose names start alike. */
export interface NodeGroup {
  readonly name: string;
  readonly aim?: number;
  /** Of a file's name, behind `test-`. */
  readonly prefixes: readonly string[];
}

/** A file belongs to the first group that has it: what begins alike stands in the order in which it is told apart. */
export const nodeGroups: readonly NodeGroup[] = [
  { name: "AsyncLocalStorage", aim: 0.85, prefixes: ["async-local-storage", "als-", "asyncresource"] },
  {
    name: "fs",
    aim: 0.85,
    prefixes: ["fs-", "fs.", "file-read", "file-validate", "file-write", "filehandle"],
  },
  { name: "url", aim: 0.85, prefixes: ["url-", "url.", "whatwg-url", "fileurl"] },
  {
    name: "webstreams",
    aim: 0.85,
    prefixes: ["webstream", "whatwg-readable", "whatwg-writable", "whatwg-transform", "whatwg-webstreams"],
  },
  {
    name: "web",
    aim: 0.85,
    prefixes: [
      "abort",
      "atob",
      "blob",
      "broadcastchannel",
      "btoa",
      "domexception",
      "event-target",
      "eventsource",
      "eventtarget",
      "fetch",
      "file.",
      "global-",
      "messagechannel",
      "messageevent",
      "messageport",
      "navigator",
      "nodeeventtarget",
      "performance",
      "queue-microtask",
      "structuredClone",
      "urlpattern",
      "websocket",
      "webcrypto",
      "whatwg-",
    ],
  },
  { name: "buffer", aim: 0.85, prefixes: ["buffer"] },
  { name: "events", aim: 1, prefixes: ["event"] },
  { name: "path", aim: 1, prefixes: ["path"] },
  { name: "util", aim: 0.85, prefixes: ["util"] },
  { name: "querystring", aim: 1, prefixes: ["querystring"] },
  { name: "string_decoder", aim: 1, prefixes: ["string-decoder"] },
  { name: "assert", aim: 0.85, prefixes: ["assert"] },
  { name: "stream", aim: 0.85, prefixes: ["stream", "readable-", "writable-"] },
  { name: "timers", aim: 0.85, prefixes: ["timers"] },
  { name: "zlib", aim: 0.85, prefixes: ["zlib"] },
  { name: "crypto", aim: 0.85, prefixes: ["crypto"] },
  { name: "process", aim: 0.85, prefixes: ["process"] },
  { name: "os", aim: 0.85, prefixes: ["os-", "os."] },
];

/** @param fileName `test-fs-read.js` */
export function nodeGroupOf(fileName: string): string | undefined {
  const name = fileName.slice("test-".length);
  return nodeGroups.find(({ prefixes }) => prefixes.some((prefix) => name.startsWith(prefix)))?.name;
}
