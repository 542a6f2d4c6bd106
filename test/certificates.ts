import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface IssuedFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A certificate authority for one test, made by openssl: Node can read certificates, but sign none. */
export class TestAuthority implements Disposable {
  readonly dir = mkdtempSync(join(tmpdir(), "brisk-ca-"));
  readonly caFile = join(this.dir, "ca.pem");
  readonly #caKey = join(this.dir, "ca.key");

  constructor() {
    const basic = ["-addext", "basicConstraints=critical,CA:TRUE"];
    this.openssl(
      "req",
      "-x509",
      ...newKey(this.#caKey),
      "-out",
      this.caFile,
      "-subj",
      "/CN=Test CA",
      ...basic,
    );
  }

  /** A certificate for localhost, and whoever else is named. */
  issue(name: string, options: { days?: number; names?: string } = {}): IssuedFiles {
    const certFile = join(this.dir, `${name}.pem`);
    const keyFile = join(this.dir, `${name}.key`);
    const names = options.names ?? "DNS:localhost,DNS:*.lambda-url.us-east-1.localhost,IP:127.0.0.1";
    this.openssl(
      ...["req", "-x509", "-CA", this.caFile, "-CAkey", this.#caKey, ...newKey(keyFile), "-out", certFile],
      ...["-subj", `/CN=${name}`, "-days", String(options.days ?? 90)],
      ...["-addext", `subjectAltName=${names}`, "-addext", "basicConstraints=critical,CA:FALSE"],
    );
    return { certFile, keyFile };
  }

  openssl(...args: string[]): void {
    execFileSync("openssl", args, { stdio: "pipe" });
  }

  [Symbol.dispose](): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

function newKey(file: string): string[] {
  return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", file];
}
