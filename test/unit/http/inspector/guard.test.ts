import { once } from "node:events";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { inspectorRefusal } from "../../../../src/http/inspector/guard.ts";
import { InspectorServer } from "../../../../src/http/inspector/index.ts";

const quiet = { origin: undefined, fetchSite: undefined };

test.each(["127.0.0.1:9229", "localhost:9229", "LOCALHOST", "localhost.", "[::1]:9229", "127.1.2.3"])(
  "a debugger that asks for %s is answered",
  (host) => {
    expect(inspectorRefusal({ ...quiet, host })).toBeUndefined();
    expect(
      inspectorRefusal({ host, origin: "devtools://devtools", fetchSite: "cross-site" }),
    ).toBeUndefined();
    expect(inspectorRefusal({ ...quiet, host, fetchSite: "none" })).toBeUndefined();
  },
);

test.each([
  undefined,
  "",
  "evil.example",
  "evil.example:9229",
  "localhost.evil.example:9229",
  "127.0.0.1.evil.example",
  "0.0.0.0:9229",
  "192.168.0.1:9229",
  "localhost@evil.example",
])("a name that was made to point here is refused: %s", (host) => {
  expect(inspectorRefusal({ ...quiet, host })).toMatch(/loopback names only/);
  expect(inspectorRefusal({ host, origin: "devtools://devtools", fetchSite: undefined })).toMatch(/loopback/);
});

test.each([
  { origin: "https://evil.example", fetchSite: undefined },
  { origin: "http://localhost:3000", fetchSite: "same-site" },
  { origin: "http://127.0.0.1:9229", fetchSite: "same-origin" },
  { origin: "null", fetchSite: undefined },
  { origin: "devtools://devtools.evil.example", fetchSite: undefined },
  { origin: undefined, fetchSite: "cross-site" },
  { origin: undefined, fetchSite: "same-origin" },
])("a page of a browser is refused: %o", (request) => {
  expect(inspectorRefusal({ ...request, host: "127.0.0.1:9229" })).toMatch(/web pages/);
});

test("neither the list nor a WebSocket is given to a page, and no path is guessed", async () => {
  const isolate = { id: "0000", spec: { functionName: "fn" } as never };
  const attached: string[] = [];
  const server = await InspectorServer.open({
    port: 0,
    isolates: {
      isolates: [isolate],
      attach: ({ id }, peer) => {
        attached.push(id);
        return { send: (command) => peer.said(command.replace("method", "result")), detach: () => {} };
      },
    },
    sourceMapUrl: async () => "data:,",
    onBug: () => {},
  });
  const connect = async (
    url: string,
    options: { origin?: string; headers?: Record<string, string> } = {},
  ) => {
    const socket = new WebSocket(url, options);
    const [status] = await Promise.race([
      once(socket, "open").then(() => [101]),
      new Promise<[number]>((resolve) =>
        socket.on("unexpected-response", (_request, response) => resolve([response.statusCode ?? 0])),
      ),
    ]);
    return { socket, status };
  };
  try {
    const list = server.url.replace("ws:", "http:").replace(/\/[^/]+$/, "/json/list");
    expect(await (await fetch(list)).json()).toMatchObject([{ id: "0000", type: "node" }]);
    expect((await fetch(list, { headers: { origin: "https://evil.example" } })).status).toBe(403);
    const refused = [
      await connect(server.url, { origin: "https://evil.example" }),
      await connect(server.url, { headers: { host: "evil.example:9229" } }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([403, 403]);
    expect((await connect(server.url.replace(/[^/]+$/, "1111"))).status).toBe(404);
    expect(attached).toEqual([]);

    const { socket } = await connect(server.url, { origin: "devtools://devtools" });
    socket.send('{"id":1,"method":"Runtime.enable"}');
    expect(String((await once(socket, "message"))[0])).toBe('{"id":1,"result":"Runtime.enable"}');
    expect(attached).toEqual(["0000"]);
    socket.send('{"id":2147483647,"method":"Runtime.enable"}');
    expect((await once(socket, "close"))[0]).toBe(1008);
  } finally {
    await server.close();
  }
});
