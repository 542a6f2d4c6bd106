import { requireInternal } from "../registry.ts";
import { snapstart } from "../snapstart/hooks.ts";
import { streaming } from "./handler.ts";

const highWaterMarkSymbol = Symbol.for("aws.lambda.runtime.handler.streaming.highWaterMark");

/** The global `awslambda`. */
export const awslambda = {
  /** Marks a handler `(event, responseStream, context)` as one that streams its response. */
  streamifyResponse(handler: object, options?: { highWaterMark?: number }): object {
    Object.defineProperty(handler, streaming, { value: "response", configurable: true });
    if (typeof options?.highWaterMark === "number") {
      Object.defineProperty(handler, highWaterMarkSymbol, {
        value: options.highWaterMark,
        configurable: true,
      });
    }
    return handler;
  },
  HttpResponseStream: {
    /** Status, headers and cookies for the response: `{ statusCode, headers, cookies }`. */
    from(responseStream: unknown, metadata: unknown): unknown {
      const { from } = requireInternal("brisk:lambda/lazy/streaming") as typeof import("./lazy/streaming.ts");
      return from(responseStream as never, metadata);
    },
  },
  /** Hooks around a snapshot of the function's heap: docs/decisions/snapstart-hooks.md. */
  snapstart,
};
