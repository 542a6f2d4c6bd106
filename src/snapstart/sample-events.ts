import type { VersionSpec } from "../model/version.ts";

/** Events that a snapshot is warmed up with, and where they are from. */
export interface SampleEvents {
  readonly events: readonly string[];
  readonly source: "configuration" | "$LATEST" | "synthetic" | "none";
}

/** The function's own sample events, else what `$LATEST` was invoked with (not for priming), else a request if it has a URL. */
export function chooseSampleEvents(
  spec: VersionSpec,
  known: { readonly latestEvents: readonly string[]; readonly hasUrl: boolean; readonly atMs: number },
): SampleEvents {
  if (spec.warmUpEvents !== undefined) return { events: spec.warmUpEvents, source: "configuration" };
  // Primed, the frozen heap would keep what the handler remembers of real events.
  if (known.latestEvents.length > 0 && !spec.isPrimed)
    return { events: known.latestEvents, source: "$LATEST" };
  if (known.hasUrl) return { events: [syntheticUrlEvent(known.atMs)], source: "synthetic" };
  return { events: [], source: "none" };
}

/** `GET /` by a browser that nobody has (payload format 2.0; spec: function-urls.md). */
function syntheticUrlEvent(atMs: number): string {
  const domainName = "warm-up.lambda-url.local";
  // Fri, 02 Jan 2026 03:04:05 GMT
  const [, day, month, year, time] = new Date(atMs).toUTCString().split(" ");
  return JSON.stringify({
    version: "2.0",
    routeKey: "$default",
    rawPath: "/",
    rawQueryString: "",
    headers: {
      host: domainName,
      accept: "*/*",
      "user-agent": "brisk-warm-up",
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-port": "443",
      "x-forwarded-proto": "https",
    },
    requestContext: {
      accountId: "anonymous",
      apiId: "warm-up",
      domainName,
      domainPrefix: "warm-up",
      http: {
        method: "GET",
        path: "/",
        protocol: "HTTP/1.1",
        sourceIp: "127.0.0.1",
        userAgent: "brisk-warm-up",
      },
      requestId: "00000000-0000-4000-8000-000000000000",
      routeKey: "$default",
      stage: "$default",
      time: `${day}/${month}/${year}:${time} +0000`,
      timeEpoch: atMs,
    },
    isBase64Encoded: false,
  });
}
