import { createHash, timingSafeEqual } from "node:crypto";
import type { Clock } from "../model/clock.ts";
import { formatAmzDate } from "./amz-date.ts";
import type { Credentials } from "./credentials.ts";
import type { Credential } from "./principal.ts";
import { IncompleteSignatureException, InvalidSignatureException } from "./refusals.ts";
import { headersOf, parametersOf, type RequestHead } from "./request-head.ts";
import type { RequestSignature, SignedContent } from "./request-signature.ts";
import { readSignatureParts, type SignatureParts } from "./signature-parts.ts";

export interface SignatureVerifierOptions {
  readonly credentials: Pick<Credentials, "find">;
  readonly region: string;
  readonly clock: Clock;
}

/** A request whose head holds; its body has not been looked at. */
export interface SignedRequest {
  /**
   * Whose request it is.
   * @throws {InvalidSignatureException} The body, or the whole, is not what was signed.
   */
  verifyBody(body: Uint8Array): Promise<Credential>;
}

const service = "lambda";
const skewMinutes = 15;
const skewMs = skewMinutes * 60_000;
const sha256Hex = /^[0-9a-f]{64}$/;
const emptyHash = createHash("sha256").digest("hex");

/**
 * AWS's Signature Version 4 (spec: permissions.md, section 5), from the side of the service. A signature covers the method, path, query,
 * the headers that it names, and the body; it is good for one service in one region, and for a quarter of an hour
 * around its date, or as long as a presigned request says. Within that time it can be sent again: SigV4 has no nonce.
 */
export class SignatureVerifier {
  readonly #credentials: SignatureVerifierOptions["credentials"];
  readonly #region: string;
  readonly #clock: Clock;
  readonly #signature: RequestSignature;

  private constructor({ credentials, region, clock }: SignatureVerifierOptions, signature: RequestSignature) {
    this.#credentials = credentials;
    this.#region = region;
    this.#clock = clock;
    this.#signature = signature;
  }

  /** The AWS SDK's signer takes its time to load (60 ms), so that only whoever asks for signatures loads it. */
  static async load(options: SignatureVerifierOptions): Promise<SignatureVerifier> {
    const { RequestSignature } = await import("./request-signature.ts");
    return new SignatureVerifier(options, new RequestSignature(service, options.region));
  }

  /**
   * Refuses whatever the head alone shows to be wrong; that is all, the body aside, for a client that sends the
   * body's hash as a header.
   * @throws {LambdaServiceException} One of access/refusals.ts.
   */
  async verifyHead(head: RequestHead): Promise<SignedRequest> {
    const headers = headersOf(head);
    const query = parametersOf(head);
    const parts = readSignatureParts(headers, query);
    checkSignedHeaders(headers, parts.signedHeaders);
    this.#checkScope(parts);
    this.#checkTime(parts);
    const credential = this.#credentials.find(parts.accessKeyId, parts.sessionToken);

    const content = { head, headers, query, parts };
    const claimed = headers.get("x-amz-content-sha256");
    // UNSIGNED-PAYLOAD and streaming signatures are S3's: what Lambda is sent is signed whole.
    if (claimed !== undefined) {
      if (!sha256Hex.test(claimed)) throw new InvalidSignatureException();
      await this.#check({ ...content, payloadHash: claimed }, credential);
    }
    return {
      verifyBody: async (body) => {
        const payloadHash =
          body.byteLength === 0 ? emptyHash : createHash("sha256").update(body).digest("hex");
        if (claimed === undefined) await this.#check({ ...content, payloadHash }, credential);
        else if (payloadHash !== claimed) throw new InvalidSignatureException();
        // While the body came in it may have been deleted, or its policies changed.
        return this.#credentials.find(parts.accessKeyId, parts.sessionToken);
      },
    };
  }

  async #check(content: SignedContent, credential: Credential): Promise<void> {
    const expected = Buffer.from(await this.#signature.compute(content, credential.secretAccessKey));
    const given = Buffer.from(content.parts.signature);
    if (given.byteLength !== expected.byteLength || !timingSafeEqual(given, expected)) {
      throw new InvalidSignatureException();
    }
  }

  #checkScope({ scope, date }: SignatureParts): void {
    const wrong: string[] = [];
    if (scope.region !== this.#region) wrong.push("Credential should be scoped to a valid region.");
    if (scope.service !== service) {
      wrong.push(`Credential should be scoped to correct service: '${service}'.`);
    }
    const day = date.text.slice(0, 8);
    if (scope.date !== day) {
      wrong.push(
        `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${scope.date.slice(0, 64)}' != '${day}', from '${date.text}'.`,
      );
    }
    if (wrong.length > 0) throw new InvalidSignatureException(wrong.join(" "));
  }

  #checkTime({ date, expiresSeconds }: SignatureParts): void {
    const nowMs = this.#clock.now();
    const validMs = expiresSeconds === undefined ? skewMs : expiresSeconds * 1000;
    if (date.epochMs + validMs < nowMs) {
      const lifetime = expiresSeconds === undefined ? `${skewMinutes} min.` : `${expiresSeconds} sec.`;
      throw new InvalidSignatureException(
        `Signature expired: ${date.text} is now earlier than ${formatAmzDate(nowMs - validMs)} (${formatAmzDate(nowMs)} - ${lifetime})`,
      );
    }
    if (date.epochMs - skewMs > nowMs) {
      throw new InvalidSignatureException(
        `Signature not yet current: ${date.text} is still later than ${formatAmzDate(nowMs + skewMs)} (${formatAmzDate(nowMs)} + ${skewMinutes} min.)`,
      );
    }
  }
}

/** The host and every `x-amz-*` header there is must be signed, and what is said to be signed must be there. */
function checkSignedHeaders(headers: ReadonlyMap<string, string>, signedHeaders: readonly string[]): void {
  const signed = new Set(signedHeaders);
  const absent = signedHeaders.find((name) => !headers.has(name));
  if (absent !== undefined) {
    throw new IncompleteSignatureException(
      `'${absent.slice(0, 64)}' is named as a SignedHeader, but it does not exist in the HTTP request`,
    );
  }
  if (!signed.has("host")) {
    throw new InvalidSignatureException("'Host' must be a 'SignedHeader' in the AWS Authorization.");
  }
  for (const name of headers.keys()) {
    if (name.startsWith("x-amz-") && !signed.has(name)) {
      throw new InvalidSignatureException(
        `'${name.slice(0, 64)}' must be a 'SignedHeader' in the AWS Authorization.`,
      );
    }
  }
}
