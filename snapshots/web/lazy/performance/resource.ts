import { showAs } from "../../inspection.ts";
import { asInterface } from "../../interface.ts";
import { illegalConstructor, invalidThis } from "../argument-errors.ts";
import { PerformanceEntry, secret } from "./entry.ts";

/** As the Fetch standard's "fetch timing info". */
export interface TimingInfo {
  startTime: number;
  redirectStartTime: number;
  redirectEndTime: number;
  postRedirectStartTime: number;
  finalServiceWorkerStartTime: number;
  finalNetworkRequestStartTime: number;
  finalNetworkResponseStartTime: number;
  endTime: number;
  encodedBodySize: number;
  decodedBodySize: number;
  finalConnectionTimingInfo?: {
    domainLookupStartTime?: number;
    domainLookupEndTime?: number;
    connectionStartTime?: number;
    connectionEndTime?: number;
    secureConnectionStartTime?: number;
    ALPNNegotiatedProtocol?: unknown;
  } | null;
}

export interface Resource {
  readonly url: string;
  readonly initiatorType: string;
  readonly timing: TimingInfo;
  readonly cacheMode: string;
  readonly responseStatus: number;
  readonly deliveryType: string;
}

let resourceOf: (entry: PerformanceResourceTiming) => Resource;

/** How long a fetch took, phase by phase. */
export class PerformanceResourceTiming extends PerformanceEntry {
  static {
    resourceOf = (entry) => {
      if (typeof entry !== "object" || entry === null || !(#resource in entry)) {
        throw invalidThis("PerformanceResourceTiming");
      }
      return entry.#resource;
    };
  }
  readonly #resource: Resource;

  constructor(...args: unknown[]) {
    if (args[0] !== secret) throw illegalConstructor();
    const resource = args[1] as Resource;
    const { startTime, endTime } = resource.timing;
    super(secret, { name: resource.url, entryType: "resource", startTime, duration: endTime - startTime });
    this.#resource = resource;
  }
  override get name(): string {
    return resourceOf(this).url;
  }
  override get startTime(): number {
    return resourceOf(this).timing.startTime;
  }
  override get duration(): number {
    const { endTime, startTime } = resourceOf(this).timing;
    return endTime - startTime;
  }
  override toJSON(): object {
    const { url, timing } = resourceOf(this);
    const shown: Record<string, unknown> = { name: url, entryType: "resource" };
    shown["startTime"] = timing.startTime;
    shown["duration"] = timing.endTime - timing.startTime;
    for (const member of members) shown[member] = (this as unknown as Record<string, unknown>)[member];
    return shown;
  }
}

const getters: Readonly<Record<string, (resource: Resource) => unknown>> = {
  initiatorType: ({ initiatorType }) => initiatorType,
  nextHopProtocol: ({ timing }) => timing.finalConnectionTimingInfo?.ALPNNegotiatedProtocol,
  workerStart: ({ timing }) => timing.finalServiceWorkerStartTime,
  redirectStart: ({ timing }) => timing.redirectStartTime,
  redirectEnd: ({ timing }) => timing.redirectEndTime,
  fetchStart: ({ timing }) => timing.postRedirectStartTime,
  domainLookupStart: ({ timing }) => timing.finalConnectionTimingInfo?.domainLookupStartTime,
  domainLookupEnd: ({ timing }) => timing.finalConnectionTimingInfo?.domainLookupEndTime,
  connectStart: ({ timing }) => timing.finalConnectionTimingInfo?.connectionStartTime,
  connectEnd: ({ timing }) => timing.finalConnectionTimingInfo?.connectionEndTime,
  secureConnectionStart: ({ timing }) => timing.finalConnectionTimingInfo?.secureConnectionStartTime,
  requestStart: ({ timing }) => timing.finalNetworkRequestStartTime,
  responseStart: ({ timing }) => timing.finalNetworkResponseStartTime,
  responseEnd: ({ timing }) => timing.endTime,
  // As the standard says: headers count for 300 bytes, and what came from a cache for nothing.
  transferSize: ({ timing, cacheMode }) =>
    cacheMode === "local" ? 0 : cacheMode === "validated" ? 300 : timing.encodedBodySize + 300,
  encodedBodySize: ({ timing }) => timing.encodedBodySize,
  decodedBodySize: ({ timing }) => timing.decodedBodySize,
  deliveryType: ({ deliveryType }) => deliveryType,
  responseStatus: ({ responseStatus }) => responseStatus,
};
const members = Object.keys(getters);

asInterface(PerformanceResourceTiming, "PerformanceResourceTiming");
for (const member of members) {
  const read = getters[member]!;
  const { get } = {
    get(this: PerformanceResourceTiming) {
      return read(resourceOf(this));
    },
  };
  Object.defineProperty(get, "name", { value: `get ${member}` });
  Object.defineProperty(PerformanceResourceTiming.prototype, member, {
    get,
    enumerable: true,
    configurable: true,
  });
}
for (const member of ["name", "startTime", "duration"]) {
  Object.defineProperty(PerformanceResourceTiming.prototype, member, { enumerable: false });
}
showAs(PerformanceResourceTiming.prototype, (entry) => entry.toJSON());
