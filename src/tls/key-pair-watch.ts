import { unwatchFile, watchFile } from "node:fs";
import { expiryWarning, type KeyPair, type KeyPairFiles, readKeyPair } from "./key-pair.ts";

export interface KeyPairWatchOptions {
  readonly files: KeyPairFiles;
  /** Given each good pair that is another than the one before. */
  readonly onChange: (pair: KeyPair) => void;
  /** Told why the old pair stays, or what is to be known of the new one. */
  readonly onNote: (text: string) => void;
  /** How often the files are looked at, and how long they must have been still before they are read, ms. */
  readonly pollMs?: number;
  readonly settleMs?: number;
}

/**
 * Reads a key pair again when its files change. They are looked at by their names and not watched as files, because
 * who renews certificates mostly puts a symbolic link in another place (certbot, Kubernetes' secrets). Certificate and
 * key are two files: between the two writes they don't fit, so that reading waits until both are still.
 */
export class KeyPairWatch implements Disposable {
  readonly #options: KeyPairWatchOptions;
  readonly #changed = () => this.#settle();
  #current: KeyPair;
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(current: KeyPair, options: KeyPairWatchOptions) {
    this.#current = current;
    this.#options = options;
    for (const file of this.#watched()) {
      watchFile(file, { interval: options.pollMs ?? 2_000, persistent: false }, this.#changed);
    }
  }

  [Symbol.dispose](): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const file of this.#watched()) unwatchFile(file, this.#changed);
  }

  #watched(): string[] {
    const { certFile, keyFile, passphraseFile } = this.#options.files;
    return [certFile, keyFile, passphraseFile].filter((file) => file !== undefined);
  }

  #settle(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#reading = this.#reading.then(() => this.#read());
    }, this.#options.settleMs ?? 1_000).unref();
  }

  async #read(): Promise<void> {
    const { files, onChange, onNote } = this.#options;
    try {
      const pair = await readKeyPair(files);
      if (this.#stopped || isSame(pair, this.#current)) return;
      const nowMs = Date.now();
      const warning = expiryWarning(pair.facts, nowMs);
      const isWorthLess = pair.facts.validToMs <= nowMs && this.#current.facts.validToMs > nowMs;
      if (isWorthLess) throw new Error(`the certificate in ${files.certFile} ${warning}`);
      onChange(pair);
      this.#current = pair;
      const until = new Date(pair.facts.validToMs).toISOString().slice(0, 10);
      onNote(`TLS: new certificate ${pair.facts.subject}, ${warning ?? `valid until ${until}`}`);
    } catch (error) {
      if (this.#stopped) return;
      const reason = error instanceof Error ? error.message : String(error);
      onNote(`TLS: the certificate in use stays: ${reason}`);
    }
  }
}

function isSame(a: KeyPair, b: KeyPair): boolean {
  return a.cert === b.cert && a.key === b.key;
}
