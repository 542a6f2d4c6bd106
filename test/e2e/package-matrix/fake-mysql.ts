import { createHash } from "node:crypto";
import { createServer, type Server } from "node:net";

const salt = Buffer.from("abcdefghijklmnopqrst");
const sha1 = (...parts: Buffer[]) => createHash("sha1").update(Buffer.concat(parts)).digest();

/** What a client of that password answers to the salt (mysql_native_password). */
function scramble(password: string): Buffer {
  const once = sha1(Buffer.from(password));
  const mask = sha1(salt, sha1(once));
  return Buffer.from(once.map((byte, index) => byte ^ mask[index]!));
}

const text = (value: string) => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
const le = (value: number, bytes: number) => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntLE(value, 0, bytes);
  return buffer;
};
const ok = Buffer.from([0, 0, 0, 2, 0, 0, 0]);
const eof = Buffer.from([0xfe, 0, 0, 2, 0]);

const greeting = Buffer.concat([
  Buffer.from([10]),
  Buffer.from("8.0.0-fake\0"),
  le(1, 4),
  salt.subarray(0, 8),
  Buffer.from([0]),
  // Protocol 4.1, transactions, secure connections; then plug-ins of authentication.
  le(0xa201, 2),
  Buffer.from([45]),
  le(2, 2),
  le(0x0008, 2),
  Buffer.from([21]),
  Buffer.alloc(10),
  salt.subarray(8),
  Buffer.from([0]),
  Buffer.from("mysql_native_password\0"),
]);

function column(name: string): Buffer {
  const fixed = [
    Buffer.from([12]),
    le(45, 2),
    le(1024, 4),
    Buffer.from([0xfd]),
    le(0, 2),
    Buffer.from([0, 0, 0]),
  ];
  return Buffer.concat([...["def", "", "", "", name, name].map(text), ...fixed]);
}

/** MySQL's handshake and simple queries. Each answers one row: the query itself as `said`, and 42 as `answer`. */
export function fakeMysql(password: string): Server {
  return createServer((socket) => {
    let rest = Buffer.alloc(0);
    let isAuthenticated = false;
    const send = (sequence: number, ...packets: Buffer[]) => {
      for (const [index, packet] of packets.entries()) {
        socket.write(Buffer.concat([le(packet.length, 3), Buffer.from([(sequence + index) & 255]), packet]));
      }
    };
    const fail = (sequence: number, code: number, why: string) =>
      send(sequence, Buffer.concat([Buffer.from([0xff]), le(code, 2), Buffer.from(`#42000${why}`)]));
    const handle = (sequence: number, body: Buffer) => {
      if (!isAuthenticated) {
        isAuthenticated = body.includes(scramble(password));
        if (isAuthenticated) send(sequence + 1, ok);
        else fail(sequence + 1, 1045, "Access denied");
      } else if (body[0] === 1) socket.end();
      else if (body[0] !== 3) send(1, ok);
      else if (body.includes("fail")) fail(1, 1064, "it was asked to fail");
      else {
        const row = Buffer.concat([text(body.toString("utf8", 1)), text("42")]);
        send(1, Buffer.from([2]), column("said"), column("answer"), eof, row, eof);
      }
    };
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 4 && rest.length >= 4 + rest.readUIntLE(0, 3)) {
        const end = 4 + rest.readUIntLE(0, 3);
        handle(rest[3]!, rest.subarray(4, end));
        rest = rest.subarray(end);
      }
    });
    send(0, greeting);
  });
}
