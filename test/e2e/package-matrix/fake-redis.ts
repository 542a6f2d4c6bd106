import { createServer, type Server } from "node:net";

/** As much of Redis as a client needs to be ready, and strings. It speaks RESP, version 2. */
export function fakeRedis(): Server {
  const strings = new Map<string, string>();
  return createServer((socket) => {
    let rest = "";
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      rest += chunk.toString("latin1");
      for (let command = take(); command !== undefined; command = take())
        socket.write(answer(command), "latin1");
    });

    /** The next whole command: an array of strings with their lengths. */
    function take(): string[] | undefined {
      const count = /^\*(\d+)\r\n/.exec(rest);
      if (count === null) return undefined;
      const words: string[] = [];
      let at = count[0].length;
      for (let index = 0; index < Number(count[1]); index++) {
        const length = /^\$(\d+)\r\n/.exec(rest.slice(at));
        if (length === null) return undefined;
        at += length[0].length;
        const end = at + Number(length[1]);
        if (rest.length < end + 2) return undefined;
        words.push(rest.slice(at, end));
        at = end + 2;
      }
      rest = rest.slice(at);
      return words;
    }
  });

  function answer([name = "", key = "", value = ""]: string[]): string {
    const bulk = (text: string | undefined) =>
      text === undefined ? "$-1\r\n" : `$${text.length}\r\n${text}\r\n`;
    switch (name.toLowerCase()) {
      case "info":
        return bulk("redis_version:7.2.0\r\nloading:0\r\n");
      case "set":
        strings.set(key, value);
        return "+OK\r\n";
      case "get":
        return bulk(strings.get(key));
      case "incr": {
        const next = Number(strings.get(key) ?? 0) + 1;
        strings.set(key, String(next));
        return `:${next}\r\n`;
      }
      case "del":
        return `:${strings.delete(key) ? 1 : 0}\r\n`;
      case "hello":
        return "-ERR unknown command 'HELLO'\r\n";
      default:
        return "+OK\r\n";
    }
  }
}
