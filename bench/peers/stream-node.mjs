import { once } from "node:events";
import { createServer } from "node:http";

const chunk = Buffer.alloc(64 * 1024, "a");

const server = createServer(async (request, response) => {
  let left = Number(new URL(request.url, "http://localhost").searchParams.get("bytes"));
  response.writeHead(200, { "content-type": "application/octet-stream" });
  while (left > 0 && !response.destroyed) {
    const piece = left < chunk.length ? chunk.subarray(0, left) : chunk;
    left -= piece.length;
    if (!response.write(piece)) await Promise.race([once(response, "drain"), once(response, "close")]);
  }
  response.end();
});
server.listen(0, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
