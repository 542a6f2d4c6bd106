import { handle } from "hono/aws-lambda";
import { app } from "./app.js";

/** Buffered: the answer leaves when it is whole. */
export const handler = handle(app);
