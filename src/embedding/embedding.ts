import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Hono } from "hono";
import type { FunctionService } from "../control/index.ts";
import type { UrlHandler } from "../http/index.ts";
import { collectInvocation } from "../invoke/index.ts";
import type { Invoker } from "../model/invocation.ts";
import { checkTenant } from "../model/tenant.ts";
import { type DeployedFunction, type DeployInput, deploy } from "./deployment.ts";
import { FunctionError } from "./function-error.ts";
import { type PublishedLayer, type PublishLayerInput, publishLayer } from "./layer-publication.ts";

export interface InvokeOptions {
  /** A version or an alias; default `$LATEST`. */
  readonly qualifier?: string;
  readonly tenantId?: string;
}

export interface EmbeddingParts {
  readonly functions: FunctionService;
  readonly invoker: Invoker;
  readonly urls: UrlHandler;
  readonly urlFor: (urlId: string) => string;
}

/** What a program that embeds Brisk calls. Nothing here listens, forks its own process or touches its signals. */
export interface Embedding {
  /** Creates or updates a function, and waits until it is ready. */
  deploy(input: DeployInput): Promise<DeployedFunction>;
  /** Publishes a version of a layer, which deployments name by its ARN. */
  publishLayer(input: PublishLayerInput): Promise<PublishedLayer>;
  /**
   * Invokes a function by name or ARN and gives its result, parsed.
   * @param event Anything that JSON can hold.
   * @param options `tenantId` of a function that keeps its tenants apart (`TenancyConfig`), and of no other.
   * @throws {FunctionError} The function failed.
   * @throws {LambdaServiceException} It can't be invoked: it does not exist, is not ready, or is throttled.
   */
  invoke(name: string, event?: unknown, options?: InvokeOptions): Promise<unknown>;
  /** Serves a function URL, named by the request's Host or by its path `/_url/<id>/…`. Streams both ways. */
  fetch(request: Request): Promise<Response>;
  /** The same for node:http, Express and Fastify. */
  readonly handler: (incoming: IncomingMessage, outgoing: ServerResponse) => void;
  /** The functions that have a URL, for mounting: `/<function name>/…`. */
  readonly app: Hono;
}

export function createEmbedding(parts: EmbeddingParts): Embedding {
  const { functions, invoker, urls, urlFor } = parts;
  const app = new Hono();
  app.all("/:name/*", (c) => {
    const name = c.req.param("name");
    const entry = functions.functions.find(name);
    const urlId = entry?.urls.get("")?.urlId;
    if (urlId === undefined) return c.notFound();
    const request = c.req.raw;
    // The function sees what lies below its mounting point.
    return urls.fetch(new Request(new URL(restOfPath(request.url, name), request.url), request), { urlId });
  });
  return {
    async deploy(input) {
      const deployed = await deploy(functions, input);
      const { urlId } = deployed;
      return {
        ...deployed,
        get url() {
          return urlId === undefined ? undefined : urlFor(urlId);
        },
        async fetch(request) {
          if (urlId === undefined) throw withoutUrl(deployed.name);
          return urls.fetch(request, { urlId });
        },
        handler(incoming, outgoing) {
          if (urlId === undefined) throw withoutUrl(deployed.name);
          urls.nodeTo(urlId, incoming, outgoing);
        },
      };
    },
    publishLayer: (input) => publishLayer(functions, input),
    async invoke(name, event = {}, options = {}) {
      const target = functions.resolveInvoke(name, options.qualifier);
      const { tenantId } = options;
      checkTenant(target.spec, tenantId);
      const request = {
        ...target,
        requestId: randomUUID(),
        payload: JSON.stringify(event) ?? "null",
        ...(tenantId !== undefined && { tenantId }),
      };
      const { payload, failed } = await collectInvocation(invoker, request, { logTail: false });
      const result: unknown = payload.byteLength === 0 ? undefined : JSON.parse(payload.toString("utf8"));
      if (failed) throw new FunctionError(name, result as Record<string, unknown>);
      return result;
    },
    fetch: (request) => urls.fetch(request),
    handler: (incoming, outgoing) => urls.node(incoming, outgoing),
    app,
  };
}

/** Path and query as they were sent: URL would normalise what the function should see. */
function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  return start < 0 ? "/" : url.slice(start);
}

function restOfPath(url: string, name: string): string {
  const path = pathOf(url);
  const at = path.indexOf(`/${name}`);
  const rest = path.slice(at + name.length + 1);
  return rest.startsWith("/") ? rest : `/${rest}`;
}

function withoutUrl(name: string): TypeError {
  return new TypeError(
    `Cannot serve a request by "${name}": it was deployed without a function URL (url: true)`,
  );
}
