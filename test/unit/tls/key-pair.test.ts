import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkCertificate } from "../../../src/cli/doctor-certificate.ts";
import { expiryWarning, readKeyPair } from "../../../src/tls/index.ts";
import { TestAuthority } from "../../certificates.ts";

let authority: TestAuthority;
beforeAll(() => {
  authority = new TestAuthority();
});
afterAll(() => authority[Symbol.dispose]());

function file(name: string, text: string): string {
  const path = join(authority.dir, name);
  writeFileSync(path, text);
  return path;
}

test("readKeyPair() tells whose certificate it is, for which names and until when", async () => {
  const { facts } = await readKeyPair(authority.issue("brisk", { days: 90 }));
  expect(facts).toMatchObject({
    subject: "CN=brisk",
    names: ["localhost", "*.lambda-url.us-east-1.localhost", "127.0.0.1"],
  });
  expect(facts.validToMs - facts.validFromMs).toBe(90 * 86_400_000);
});

test("a chain is taken with the server's certificate first; in another order the key says so", async () => {
  const { certFile, keyFile } = authority.issue("leaf");
  const [leaf, ca] = [readFileSync(certFile, "utf8"), readFileSync(authority.caFile, "utf8")];
  const pair = await readKeyPair({ certFile: file("chain.pem", leaf + ca), keyFile });
  expect(pair.cert.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  await expect(readKeyPair({ certFile: file("wrong.pem", ca + leaf), keyFile })).rejects.toThrow(
    "it is that of the certificate at place 2, and the server's own has to come first",
  );
});

test("a key of another certificate is named with both files and the certificate's subject", async () => {
  const { certFile } = authority.issue("one");
  const { keyFile } = authority.issue("two");
  await expect(readKeyPair({ certFile, keyFile })).rejects.toThrow(
    `the private key in ${keyFile} does not belong to the certificate in ${certFile} (CN=one)`,
  );
});

test("a sealed key opens with the first line of its passphrase file, and says what it lacks", async () => {
  const { certFile, keyFile } = authority.issue("sealed");
  const sealed = join(authority.dir, "sealed-with-passphrase.key");
  authority.openssl("pkcs8", "-topk8", "-in", keyFile, "-out", sealed, "-passout", "pass:open sesame");
  const passphraseFile = file("passphrase", "open sesame\n");
  const pair = await readKeyPair({ certFile, keyFile: sealed, passphraseFile });
  expect(pair.passphrase).toBe("open sesame");
  await expect(readKeyPair({ certFile, keyFile: sealed })).rejects.toThrow("has a passphrase");
  const wrong = file("wrong-passphrase", "no\n");
  await expect(readKeyPair({ certFile, keyFile: sealed, passphraseFile: wrong })).rejects.toThrow(
    `the passphrase in ${wrong} does not open it`,
  );
});

test("files that are not there, or are something else, are named", async () => {
  const { certFile, keyFile } = authority.issue("plain");
  const missing = join(authority.dir, "missing.pem");
  await expect(readKeyPair({ certFile: missing, keyFile })).rejects.toThrow(
    `cannot read the certificate ${missing}: no such file`,
  );
  await expect(readKeyPair({ certFile: keyFile, keyFile })).rejects.toThrow(
    `there is no certificate in ${keyFile}: it holds a PRIVATE KEY`,
  );
  await expect(readKeyPair({ certFile, keyFile: certFile })).rejects.toThrow("there is no private key in");
  const broken = file("broken.pem", readFileSync(certFile, "utf8").replace(/\n.{20}/, "\nAAAA"));
  await expect(readKeyPair({ certFile: broken, keyFile })).rejects.toThrow(
    `certificate 1 in ${broken} cannot be read`,
  );
});

test("expiryWarning() speaks from thirty days before the end on", async () => {
  const { facts } = await readKeyPair(authority.issue("ends", { days: 90 }));
  const day = 86_400_000;
  const until = new Date(facts.validToMs).toISOString().slice(0, 10);
  expect(expiryWarning(facts, facts.validToMs - 30 * day)).toBeUndefined();
  expect(expiryWarning(facts, facts.validToMs - 29.5 * day)).toBe(`expires on ${until}, in 29 days`);
  expect(expiryWarning(facts, facts.validToMs)).toBe(`expired on ${until}: clients refuse it`);
  expect(expiryWarning(facts, facts.validFromMs - 1)).toContain("is not valid before");
});

test("doctor judges a certificate by its time and its key", async () => {
  const files = authority.issue("doctored", { days: 90 });
  const nowMs = Date.now();
  const day = 86_400_000;
  expect(await checkCertificate(files, nowMs)).toMatchObject({
    name: "Certificate",
    verdict: "fit",
    detail: expect.stringMatching(/^CN=doctored for localhost, .*valid until \d{4}-\d\d-\d\d$/),
  });
  expect(await checkCertificate(files, nowMs + 80 * day)).toMatchObject({ verdict: "warning" });
  expect(await checkCertificate(files, nowMs + 91 * day)).toMatchObject({ verdict: "unfit" });
  const { keyFile } = authority.issue("another");
  expect(await checkCertificate({ ...files, keyFile })).toMatchObject({
    verdict: "unfit",
    detail: expect.stringContaining("does not belong to the certificate"),
  });
});
