import type { OperationError, Value } from "../model/values.ts";

/** One operation that a guest asked for and that its host process may not carry out itself. */
export interface RemoteCall {
  readonly environmentId: number;
  readonly operation: string;
  /** Whatever the guest passed, through a host that may itself have been taken over: nothing here is trusted. */
  readonly args: readonly Value[];
}

/** Operations of guests that need authority which only the supervisor has (today: the network). */
export interface RemoteOperations {
  /** Carries out an operation that a guest asked for. Never throws; `done` is called exactly once, unless the
   *  environment closed before. */
  start(call: RemoteCall, done: (error: OperationError | undefined, value?: Value) => void): void;
  /** Requests of the environment whose responses were not read to their end. */
  openFetches(environmentId: number): number;
  /** Where sockets of the environment lead that are open, as `host:port`. */
  openSockets(environmentId: number): readonly string[];
  /** The environment is gone: end its connections. */
  environmentClosed(environmentId: number): void;
  close(): Promise<void>;
}
