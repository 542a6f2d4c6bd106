import type { Hono } from "hono";
import type { Config } from "../config.ts";
import { isLoopback, withoutBrackets } from "../model/host-name.ts";
import { expiryWarning, type KeyPair, type KeyPairFiles, KeyPairWatch, readKeyPair } from "../tls/index.ts";
import { apiListener } from "./api-listener.ts";
import { BoundServer, type BoundServerOptions } from "./bound-server.ts";
import { parseListenAddress, urlAuthority } from "./listen-address.ts";
import { type ListenerLimits, listenerLimits } from "./server-limits.ts";
import type { UrlHandler } from "./url-handler.ts";

export interface ListenersOptions {
  /** Limits that are left out are those of the configuration's defaults. */
  readonly config: Pick<Config, "host" | "port" | "urlListen" | "auth"> &
    Partial<Pick<Config, "tlsCert" | "tlsKey" | "tlsPassphraseFile"> & ListenerLimits>;
  /** The Lambda API, with its guard. */
  readonly api: Hono;
  readonly urls: UrlHandler;
  /** Told of errors that are ours. */
  readonly onBug?: (error: unknown) => void;
  /** Told what an operator should know, in a sentence: a certificate that expires, connections that are refused. */
  readonly onNote?: (text: string) => void;
  /** See {@link KeyPairWatch}. */
  readonly certificatePoll?: { readonly pollMs: number; readonly settleMs: number };
}

export interface Listener {
  /** `http://host:port`, or `https:` */
  readonly url: string;
  readonly port: number;
}

/** The servers of one runtime: API and URLs by Host name; URLs alone, when `urlListen` is set. */
export interface Listeners extends Listener {
  readonly urlListener: Listener | undefined;
  /** Accepts nothing new, lets running requests end for `drainMs`, then cuts what is left. Idempotent. */
  close(options?: { drainMs?: number }): Promise<void>;
}

/**
 * Starts listening.
 * @throws {Error} When an address is in use, cannot be bound, or is open to other machines without authentication.
 * @throws {KeyPairError} The certificate and its key cannot be used.
 */
export async function createListeners(options: ListenersOptions): Promise<Listeners> {
  const { config, urls, onBug = () => {}, onNote = () => {} } = options;
  const address = { host: withoutBrackets(config.host), port: config.port };
  if (config.auth === "none" && !isLoopback(config.host)) {
    throw new Error(
      `Cannot listen on ${urlAuthority(address)}: the API has no authentication (auth is "none"), so it listens on loopback only; set auth to "sigv4", or serve function URLs alone to others with urlListen`,
    );
  }
  const urlAddress = config.urlListen === undefined ? undefined : parseListenAddress(config.urlListen);
  const files = keyPairFiles(config);
  const keyPair = files && (await readKeyPair(files));
  const common = { limits: listenerLimits(config), keyPair, onNote } satisfies Partial<BoundServerOptions>;
  const api = apiListener(options.api, onBug);
  const main = await BoundServer.open({
    ...common,
    address,
    serve: (incoming, outgoing) => {
      if (urls.matches(incoming)) urls.node(incoming, outgoing);
      else api(incoming, outgoing);
    },
  });
  let second: BoundServer | undefined;
  try {
    if (urlAddress !== undefined)
      second = await BoundServer.open({ ...common, address: urlAddress, serve: urls.node });
  } catch (error) {
    await main.close(0);
    throw error;
  }
  const watch = files && keyPair && watchKeyPair(keyPair, files, [main, second], options);
  return {
    url: main.url,
    port: main.port,
    urlListener: second && { url: second.url, port: second.port },
    close: async ({ drainMs = 0 } = {}) => {
      watch?.[Symbol.dispose]();
      await Promise.all([main.close(drainMs), second?.close(drainMs)]);
    },
  };
}

function keyPairFiles(config: ListenersOptions["config"]): KeyPairFiles | undefined {
  const { tlsCert, tlsKey, tlsPassphraseFile } = config;
  if (tlsCert === undefined || tlsKey === undefined) return undefined;
  return { certFile: tlsCert, keyFile: tlsKey, passphraseFile: tlsPassphraseFile };
}

function watchKeyPair(
  keyPair: KeyPair,
  files: KeyPairFiles,
  servers: readonly (BoundServer | undefined)[],
  { onNote = () => {}, certificatePoll }: ListenersOptions,
): KeyPairWatch {
  const warning = expiryWarning(keyPair.facts, Date.now());
  if (warning !== undefined) onNote(`TLS: the certificate in ${files.certFile} ${warning}`);
  return new KeyPairWatch(keyPair, {
    files,
    onChange: (pair) => {
      for (const server of servers) server?.useKeyPair(pair);
    },
    onNote,
    ...certificatePoll,
  });
}
