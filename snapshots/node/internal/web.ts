/**
 * The web globals that node modules use, read when they are used: the base defines them after its own
 * modules were evaluated, and a function that replaces one (a test's fake timers) expects to be obeyed.
 */
export interface WebGlobals {
  queueMicrotask(callback: () => void): void;
  structuredClone(value: unknown): unknown;
  TextEncoder: new () => { encode(text: string): Uint8Array<ArrayBuffer> };
  TextDecoder: new (
    label?: string,
    options?: { fatal?: boolean; ignoreBOM?: boolean },
  ) => { decode(bytes?: Uint8Array, options?: { stream?: boolean }): string };
  URL: URLConstructor;
  URLSearchParams: new (init?: unknown) => { toString(): string };
  AbortController: new () => { signal: AbortSignalLike; abort(reason?: unknown): void };
  fetch(input: string, init: Record<string, unknown>): Promise<FetchResponse>;
  performance: { now(): number; timeOrigin: number };
  Blob: unknown;
  File: unknown;
  atob(text: string): string;
  btoa(text: string): string;
  crypto: Record<string, unknown>;
  console: Record<string, (...args: unknown[]) => void>;
}

export interface URLLike {
  protocol: string;
  username: string;
  password: string;
  host: string;
  hostname: string;
  port: string;
  pathname: string;
  search: string;
  hash: string;
  href: string;
  searchParams: unknown;
  toString(): string;
}

export interface URLConstructor {
  new (url: string, base?: string): URLLike;
}

export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

export interface FetchResponse {
  status: number;
  statusText: string;
  headers: Iterable<[string, string]>;
  body: {
    getReader(): { read(): Promise<{ done: boolean; value?: Uint8Array }>; cancel(): Promise<void> };
  } | null;
}

export const web = globalThis as unknown as WebGlobals;
