import { Agent, type buildConnector, Dispatcher } from "undici";

/**
 * The connections of one environment's fetches. An agent keeps an idle one to each origin for as long as that origin
 * likes, so a function that asks thousands of origins could take all of this process's file descriptors: from
 * `maxSockets` open ones on, what comes next has an agent of its own, and those before it close what is idle.
 */
export class BoundedAgent extends Dispatcher {
  readonly #options: Agent.Options;
  readonly #maxSockets: number;
  #sockets = 0;
  #agent: Agent;
  /** Those that only finish what runs. */
  readonly #leaving = new Set<Agent>();

  /** @param options `maxSockets` has to be more than what may run at once. */
  constructor({
    maxSockets,
    connect,
    ...options
  }: Omit<Agent.Options, "connect"> & { maxSockets: number; connect: buildConnector.connector }) {
    super();
    this.#maxSockets = maxSockets;
    this.#options = { ...options, connect: this.#counting(connect) };
    this.#agent = new Agent(this.#options);
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (this.#sockets >= this.#maxSockets) this.#replace();
    return this.#agent.dispatch(options, handler);
  }

  /** Ends every connection, busy or idle. */
  async destroyAll(): Promise<void> {
    await Promise.all([this.#agent, ...this.#leaving].map((agent) => agent.destroy()));
  }

  #replace(): void {
    const agent = this.#agent;
    this.#agent = new Agent(this.#options);
    this.#leaving.add(agent);
    const left = () => this.#leaving.delete(agent);
    agent.close().then(left, left);
  }

  #counting(connect: buildConnector.connector): buildConnector.connector {
    return (options, callback) => {
      this.#sockets++;
      connect(options, (...result) => {
        const [, socket] = result;
        // undici's own connector leaves it away when it fails.
        if (socket) socket.once("close", () => this.#sockets--);
        else this.#sockets--;
        callback(...result);
      });
    };
  }
}
