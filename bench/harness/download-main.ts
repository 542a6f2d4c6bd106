/**
 * Reads one HTTP response as cheaply as Node can and throws it away; prints what it saw as JSON.
 * Arguments: URL, Host name, bytes a second (0: as fast as possible), seconds after which it hangs up (0: never).
 */
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const [url = "", host = "", bytesPerSecond = "0", hangUpSeconds = "0"] = process.argv.slice(2);
const { hostname, port, pathname, search } = new URL(url);
const rate = Number(bytesPerSecond);
const startedMs = performance.now();
let bytes = 0;
let firstByteMs = 0;
let status = "";

const socket = connect({
  host: hostname,
  port: Number(port),
  onread: {
    buffer: Buffer.alloc(256 * 1024),
    callback(read, buffer) {
      if (bytes === 0) {
        firstByteMs = performance.now() - startedMs;
        status = Buffer.from(buffer.buffer, buffer.byteOffset, Math.min(read, 12)).toString("latin1");
      }
      bytes += read;
      if (rate > 0) void pace();
      return rate === 0;
    },
  },
});
socket.on("connect", () =>
  socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
);
socket.on("error", (error) => {
  process.stderr.write(`${error.message}\n`);
});
socket.on("close", () => {
  const seconds = (performance.now() - startedMs) / 1000;
  process.stdout.write(`${JSON.stringify({ status, bytes, seconds, firstByteMs })}\n`);
});
if (Number(hangUpSeconds) > 0) setTimeout(() => socket.destroy(), Number(hangUpSeconds) * 1000);

/** Lets the socket go on when what was read is due by the rate. */
async function pace(): Promise<void> {
  const dueMs = (bytes / rate) * 1000;
  await sleep(Math.max(1, dueMs - (performance.now() - startedMs)));
  if (!socket.destroyed) socket.resume();
}
