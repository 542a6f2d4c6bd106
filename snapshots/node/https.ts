import { Agent as HttpAgent } from "./internal/http-agent.ts";
import { ClientRequest } from "./internal/http-client.ts";
import { Server } from "./internal/http-server.ts";

class Agent extends HttpAgent {
  override defaultPort = 443;
  override protocol = "https:";
}

const defaults = { protocol: "https:", defaultPort: 443 };

function request(input: unknown, options?: unknown, callback?: unknown): ClientRequest {
  return new ClientRequest(input, options, callback, defaults);
}

function get(input: unknown, options?: unknown, callback?: unknown): ClientRequest {
  const made = request(input, options, callback);
  made.end();
  return made;
}

export default {
  Agent,
  Server,
  createServer: (options?: unknown, listener?: unknown) => new Server(options, listener),
  get,
  request,
  globalAgent: new Agent({ keepAlive: true }),
};
