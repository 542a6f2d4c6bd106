import { streamHandle } from "hono/aws-lambda";
import { app } from "./app.js";

/** Streaming, for a function URL with InvokeMode RESPONSE_STREAM: deploy with --handler stream.handler. */
export const handler = streamHandle(app);
