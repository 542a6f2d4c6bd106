// The control path on a data folder, as a program that a test may kill: its port is its first line.
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import { createFunctionService } from "../../../src/control/index.ts";
import { createLambdaApi } from "../../../src/http/lambda-api/index.ts";
import { openKeys } from "../../../src/sealing/index.ts";
import { createSqliteStore, lockDataFolder } from "../../../src/store/index.ts";
import { FakeBundler } from "../../fake-bundler.ts";
import { FakeSnapStart } from "../../fake-snap-start.ts";

const [dir = "", mode] = process.argv.slice(2);
lockDataFolder(dir);
const { keys } = await openKeys(dir);
const bundler = await FakeBundler.open(join(dir, "blobs"));
// What waits for its bundle when the process dies.
if (mode === "hold") bundler.hold();
const snapStart = new FakeSnapStart();
if (mode === "hold-snapshots") snapStart.hold();
const functions = await createFunctionService({
  store: await createSqliteStore(dir, keys),
  bundler,
  snapStart,
  config: { region: "us-east-1", accountId: "000000000000", maxConcurrency: 1000 },
});
const app = createLambdaApi({
  functions,
  urlFor: (id) => `http://${id}.lambda-url.us-east-1.localhost/`,
  linkKey: keys.links,
});
const server = createAdaptorServer({ fetch: app.fetch });
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
