import { Agent } from "./internal/http-agent.ts";
import { ClientRequest } from "./internal/http-client.ts";
import { methods, statusCodes } from "./internal/http-constants.ts";
import { validateHeaderName, validateHeaderValue } from "./internal/http-headers.ts";
import { IncomingMessageClass } from "./internal/http-incoming.ts";
import { OutgoingMessage } from "./internal/http-outgoing.ts";
import { Server } from "./internal/http-server.ts";
import { ServerResponseClass } from "./internal/http-server-response.ts";

function request(input: unknown, options?: unknown, callback?: unknown): ClientRequest {
  return new ClientRequest(input, options, callback);
}

function get(input: unknown, options?: unknown, callback?: unknown): ClientRequest {
  const made = request(input, options, callback);
  made.end();
  return made;
}

/** `http.Server(…)` works without `new`, as `http.Agent` does not. */
function createServer(options?: unknown, listener?: unknown): Server {
  return new Server(options, listener);
}

export default {
  METHODS: [...methods],
  STATUS_CODES: { ...statusCodes },
  Agent,
  ClientRequest,
  IncomingMessage: IncomingMessageClass,
  OutgoingMessage,
  Server,
  ServerResponse: ServerResponseClass,
  createServer,
  get,
  request,
  globalAgent: new Agent({ keepAlive: true }),
  maxHeaderSize: 16_384,
  validateHeaderName,
  validateHeaderValue,
  setMaxIdleHTTPParsers() {},
  _connectionListener() {},
};
