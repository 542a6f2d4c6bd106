import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { zipSync } from "fflate";
import type { HttpAnswer } from "../../src/lab/http-client.ts";
import { bundleForPeers } from "../../src/lab/peer-bundle.ts";
import type { Workload } from "../../src/lab/workload.ts";

interface Source {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly variables?: Readonly<Record<string, string>>;
  /** What has to be in the answer to the n-th request of an environment. */
  expected(nth: number): string;
  /** How an answer tells which of its environment's it is. */
  nth(answer: HttpAnswer): number;
}

const callsInBody = (answer: HttpAnswer): number => Number(/"calls":(\d+)/.exec(answer.text)?.[1]);

const sources: readonly Source[] = [
  {
    id: "tiny",
    label: "tiny",
    description: "A handler that answers with a greeting, and nothing else.",
    expected: (nth) => `{"message":"hello","calls":${nth}}`,
    nth: callsInBody,
  },
  {
    id: "app",
    label: "1.2 MB app",
    description:
      "react-dom/server, zod, hono, lodash, ajv, graphql, handlebars and marked, which all have a part in the page that each request renders.",
    expected: () => "<p><em>8</em> of <strong>12</strong> products</p>",
    nth: (answer) => Number(answer.headers["x-calls"]),
  },
  {
    id: "aws-sdk",
    label: "AWS SDK",
    description:
      "The clients for S3 and DynamoDB, made at init; a request has both sign a call that is not sent.",
    expected: (nth) =>
      `{"sent":["GET bucket.s3.us-east-1.amazonaws.com/folder/key.txt","POST dynamodb.us-east-1.amazonaws.com/"],"calls":${nth}}`,
    nth: callsInBody,
  },
  {
    id: "fetch-at-init",
    label: "fetch at init",
    description: "Init awaits settings from a local server that takes 5 ms to answer.",
    expected: (nth) => `{"greeting":"hello","calls":${nth}}`,
    nth: callsInBody,
  },
];

export const workloadIds = sources.map(({ id }) => id);

/** Serves what `fetch-at-init` fetches. */
export class SettingsServer implements AsyncDisposable {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<SettingsServer> {
    const server = createServer((_incoming, outgoing) => {
      setTimeout(() => {
        outgoing.writeHead(200, { "content-type": "application/json" });
        outgoing.end('{"greeting":"hello"}');
      }, 5);
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    server.listen(0, "127.0.0.1", resolve);
    await promise;
    return new SettingsServer(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** @param folder For the bundles. */
export async function createWorkload(
  id: string,
  folder: string,
  settings: SettingsServer,
): Promise<Workload> {
  const source = sources.find((one) => one.id === id);
  if (source === undefined) throw new Error(`there is no workload ${id}`);
  const bundle = await bundleForPeers({
    entry: join(import.meta.dirname, "functions", `${id}.mjs`),
    exportName: "handler",
    file: join(folder, `${id}.mjs`),
    minify: true,
  });
  return {
    id,
    label: source.label,
    description: source.description,
    // The same file everywhere: nobody starts from a better bundle.
    zip: zipSync({ "index.mjs": await readFile(bundle.file) }),
    handler: "index.handler",
    bundle: () => bundle,
    variables: id === "fetch-at-init" ? { SETTINGS_URL: settings.url } : {},
    request: { kind: "url", path: "/" },
    memorySizeMb: 512,
    timeoutSeconds: 30,
    check(answer, nth) {
      const seen = source.nth(answer);
      if (nth !== undefined && nth !== seen && answer.status === 200 && !Number.isNaN(seen)) {
        return `it is answer ${seen} of its environment, not ${nth}`;
      }
      if (answer.status === 200 && answer.text.includes(source.expected(seen))) return undefined;
      return `it answers ${answer.status}: ${answer.text.slice(0, 300)}`;
    },
  };
}
