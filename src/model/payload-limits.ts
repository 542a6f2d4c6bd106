/** Of a synchronous invocation's payload, and of a URL's event (spec: invoke.md, Size limits). */
export const maxPayloadBytes = 6 * 1024 * 1024;

/** Of a buffered result. */
export const maxResultBytes = 6 * 1024 * 1024 + 100;

/** Of a streamed response. */
export const maxStreamBytes = 200 * 1024 * 1024;

/** Request bodies that may be held at once, all connections together; of function URLs, invocations and the API's rest each. */
export const maxBodyBytesInFlight = 256 * 1024 * 1024;

/** A client that takes no byte of a finished response for this long is cut off: it holds the response in our memory. */
export const stalledClientMs = 60_000;
