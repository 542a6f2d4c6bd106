import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";

const iterations = 4096;

function message(type: string, ...parts: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => (typeof part === "string" ? Buffer.from(`${part}\0`) : part)),
  );
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const int16 = (value: number) => Buffer.from([(value >> 8) & 255, value & 255]);
const int32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

/**
 * PostgreSQL's protocol, version 3, as far as one who queries meets it: SCRAM-SHA-256, simple and extended queries.
 * Every query answers one row: its first parameter as `name`, and 42 as `answer`; one that says `fail` fails.
 */
export function fakePostgres(password: string): Server {
  return createServer((socket) => {
    socket.on("error", () => {});
    new Session(socket, password);
  });
}

class Session {
  readonly #socket: Socket;
  readonly #password: string;
  #rest = Buffer.alloc(0);
  #isStarted = false;
  #scram: { first: string; server: string; salt: Buffer } | undefined;
  #parameter: string | undefined;
  #query = "";

  constructor(socket: Socket, password: string) {
    this.#socket = socket;
    this.#password = password;
    socket.on("data", (chunk: Buffer) => {
      this.#rest = Buffer.concat([this.#rest, chunk]);
      this.#read();
    });
  }

  #read(): void {
    for (;;) {
      const at = this.#isStarted ? 1 : 0;
      if (this.#rest.length < at + 4) return;
      const length = this.#rest.readInt32BE(at);
      if (this.#rest.length < at + length) return;
      const body = this.#rest.subarray(at + 4, at + length);
      const type = at === 1 ? String.fromCharCode(this.#rest[0]!) : "";
      this.#rest = this.#rest.subarray(at + length);
      if (type === "") this.#start(body);
      else this.#handle(type, body);
    }
  }

  #start(body: Buffer): void {
    if (body.readInt32BE(0) === 80877103) {
      this.#socket.write("N");
      return;
    }
    this.#isStarted = true;
    this.#send("R", int32(10), "SCRAM-SHA-256", Buffer.from([0]));
  }

  #send(type: string, ...parts: (Buffer | string)[]): void {
    this.#socket.write(message(type, ...parts));
  }

  #handle(type: string, body: Buffer): void {
    switch (type) {
      case "p":
        this.#authenticate(body);
        break;
      case "Q":
        this.#query = body.toString("utf8", 0, body.length - 1);
        this.#parameter = undefined;
        this.#describe();
        this.#execute();
        this.#send("Z", Buffer.from("I"));
        break;
      case "P":
        this.#query =
          body
            .subarray(body.indexOf(0) + 1)
            .toString("utf8")
            .split("\0")[0] ?? "";
        this.#send("1");
        break;
      case "B":
        this.#bind(body);
        this.#send("2");
        break;
      case "D":
        this.#describe();
        break;
      case "E":
        this.#execute();
        break;
      case "S":
        this.#send("Z", Buffer.from("I"));
        break;
      case "X":
        this.#socket.end();
        break;
    }
  }

  #authenticate(body: Buffer): void {
    if (this.#scram === undefined) {
      const at = body.indexOf(0) + 5;
      const first = body.toString("utf8", at).replace(/^n,,/, "");
      const salt = randomBytes(16);
      const nonce = /r=([^,]+)/.exec(first)?.[1] + randomBytes(12).toString("base64");
      const server = `r=${nonce},s=${salt.toString("base64")},i=${iterations}`;
      this.#scram = { first, server, salt };
      this.#send("R", int32(11), Buffer.from(server));
      return;
    }
    const { first, server, salt } = this.#scram;
    const text = body.toString("utf8");
    const salted = pbkdf2Sync(this.#password, salt, iterations, 32, "sha256");
    const hmac = (key: Buffer, of: string) => createHmac("sha256", key).update(of).digest();
    const clientKey = hmac(salted, "Client Key");
    const signed = `${first},${server},${text.replace(/,p=.*$/, "")}`;
    const signature = hmac(createHash("sha256").update(clientKey).digest(), signed);
    const proof = Buffer.from(clientKey.map((byte, index) => byte ^ signature[index]!)).toString("base64");
    if (/,p=(.*)$/.exec(text)?.[1] !== proof) {
      this.#fail("28P01", "password authentication failed");
      this.#socket.end();
      return;
    }
    this.#send(
      "R",
      int32(12),
      Buffer.from(`v=${hmac(hmac(salted, "Server Key"), signed).toString("base64")}`),
    );
    this.#send("R", int32(0));
    this.#send("S", "server_version", "16.0");
    this.#send("Z", Buffer.from("I"));
  }

  #bind(body: Buffer): void {
    let at = body.indexOf(0) + 1;
    at = body.indexOf(0, at) + 1;
    at += 2 + 2 * body.readInt16BE(at);
    const count = body.readInt16BE(at);
    const length = count > 0 ? body.readInt32BE(at + 2) : -1;
    this.#parameter = length < 0 ? undefined : body.toString("utf8", at + 6, at + 6 + length);
  }

  #describe(): void {
    if (this.#query.includes("fail")) return;
    const column = (name: string, type: number) => [
      name,
      int32(0),
      int16(0),
      int32(type),
      int16(-1),
      int32(-1),
      int16(0),
    ];
    this.#send("T", int16(2), ...column("name", 25), ...column("answer", 23));
  }

  #execute(): void {
    if (this.#query.includes("fail")) {
      this.#fail("42601", "it was asked to fail");
      return;
    }
    const name = Buffer.from(this.#parameter ?? "none");
    this.#send("D", int16(2), int32(name.length), name, int32(2), Buffer.from("42"));
    this.#send("C", "SELECT 1");
  }

  #fail(code: string, text: string): void {
    this.#send("E", "SERROR", `C${code}`, `M${text}`, Buffer.from([0]));
  }
}
