/* global awslambda */
import { once } from "node:events";

const chunk = Buffer.alloc(64 * 1024, "a");

export const handler = awslambda.streamifyResponse(async (event, responseStream) => {
  let left = Number(event.queryStringParameters.bytes);
  while (left > 0) {
    const piece = left < chunk.length ? chunk.subarray(0, left) : chunk;
    left -= piece.length;
    if (!responseStream.write(piece)) await once(responseStream, "drain");
  }
  responseStream.end();
});
