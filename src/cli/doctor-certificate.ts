import { expiryWarning, KeyPairError, type KeyPairFiles, readKeyPair } from "../tls/index.ts";
import type { CheckResult } from "./doctor-checks.ts";

/** Whether a server can start with this certificate, and for how long. */
export async function checkCertificate(files: KeyPairFiles, nowMs = Date.now()): Promise<CheckResult> {
  const name = "Certificate";
  try {
    const { facts } = await readKeyPair(files);
    const names = facts.names.length === 0 ? "" : ` for ${facts.names.join(", ")}`;
    const warning = expiryWarning(facts, nowMs);
    if (warning === undefined) {
      const until = new Date(facts.validToMs).toISOString().slice(0, 10);
      return { name, verdict: "fit", detail: `${facts.subject}${names}, valid until ${until}` };
    }
    const isOver = facts.validToMs <= nowMs || facts.validFromMs > nowMs;
    return { name, verdict: isOver ? "unfit" : "warning", detail: `${facts.subject}${names} ${warning}` };
  } catch (error) {
    if (!(error instanceof KeyPairError)) throw error;
    return { name, verdict: "unfit", detail: error.message };
  }
}
