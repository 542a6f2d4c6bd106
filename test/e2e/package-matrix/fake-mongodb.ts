import { createServer, type Server } from "node:net";
import { deserialize, Long, serialize } from "bson";

type Document = Record<string, unknown>;

const hello = {
  ok: 1,
  ismaster: true,
  isWritablePrimary: true,
  helloOk: true,
  minWireVersion: 0,
  maxWireVersion: 25,
  maxBsonObjectSize: 16 * 1024 * 1024,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  readOnly: false,
};

/** MongoDB's wire protocol as a driver of today speaks it: OP_MSG, and OP_QUERY for the first hello. */
export function fakeMongodb(): Server {
  const collections = new Map<string, Document[]>();
  return createServer((socket) => {
    let rest = Buffer.alloc(0);
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 16 && rest.length >= rest.readInt32LE(0)) {
        const whole = rest.subarray(0, rest.readInt32LE(0));
        rest = rest.subarray(whole.length);
        socket.write(reply(whole));
      }
    });
  });

  function reply(request: Buffer): Buffer {
    const isMessage = request.readInt32LE(12) === 2013;
    // Behind the flags, the name of the collection, and two numbers.
    const at = isMessage ? 20 : request.indexOf(0, 20) + 9;
    const document = serialize(answer(isMessage ? commandOf(request, at) : { hello: 1 }));
    const front = isMessage ? Buffer.alloc(5) : Buffer.alloc(20);
    if (!isMessage) front.writeInt32LE(1, 16);
    const head = Buffer.alloc(16);
    head.writeInt32LE(16 + front.length + document.length, 0);
    head.writeInt32LE(request.readInt32LE(4), 8);
    head.writeInt32LE(isMessage ? 2013 : 1, 12);
    return Buffer.concat([head, front, document]);
  }

  function answer(command: Document): Document {
    const [name = ""] = Object.keys(command);
    const collection = String(command[name]);
    switch (name.toLowerCase()) {
      case "hello":
      case "ismaster":
        return { ...hello, localTime: new Date() };
      case "insert": {
        const documents = command["documents"] as Document[];
        collections.set(collection, [...(collections.get(collection) ?? []), ...documents]);
        return { ok: 1, n: documents.length };
      }
      case "delete":
        collections.delete(collection);
        return { ok: 1, n: 1 };
      case "find": {
        const filter = Object.entries((command["filter"] ?? {}) as Document);
        const found = (collections.get(collection) ?? []).filter((one) =>
          filter.every(([key, value]) => one[key] === value),
        );
        return { ok: 1, cursor: { id: Long.ZERO, ns: `d.${collection}`, firstBatch: found } };
      }
      case "ping":
      case "endsessions":
        return { ok: 1 };
      default:
        return { ok: 0, code: 59, codeName: "CommandNotFound", errmsg: `no such command: '${name}'` };
    }
  }
}

/** The body, and the documents that came beside it. */
function commandOf(request: Buffer, from: number): Document {
  let command: Document = {};
  const beside: Document = {};
  for (let at = from; at < request.length; ) {
    const kind = request[at]!;
    const size = request.readInt32LE(at + 1);
    const section = request.subarray(at + 1, at + 1 + size);
    if (kind === 0) command = deserialize(section);
    else {
      const end = section.indexOf(0, 4);
      const documents: Document[] = [];
      for (let next = end + 1; next < section.length; next += section.readInt32LE(next)) {
        documents.push(deserialize(section.subarray(next, next + section.readInt32LE(next))));
      }
      beside[section.toString("utf8", 4, end)] = documents;
    }
    at += 1 + size;
  }
  return { ...command, ...beside };
}
