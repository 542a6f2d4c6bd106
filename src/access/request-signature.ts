import { getCanonicalHeaders, getSigningKey, SignatureV4Base } from "@smithy/signature-v4";
import { Sha256 } from "../model/sha256.ts";
import { InvalidSignatureException } from "./refusals.ts";
import type { QueryParameter, RequestHead } from "./request-head.ts";
import type { SignatureParts } from "./signature-parts.ts";

/** What a signature is made of, besides the secret. */
export interface SignedContent {
  readonly head: RequestHead;
  readonly headers: ReadonlyMap<string, string>;
  readonly query: readonly QueryParameter[];
  readonly parts: SignatureParts;
  /** SHA-256 of the body, hex. */
  readonly payloadHash: string;
}

/** Computes the signature that the owner of a key would have made, by the AWS SDK's own code. */
export class RequestSignature extends SignatureV4Base {
  constructor(service: string, region: string) {
    super({
      service,
      region,
      // It verifies for many keys, so each call brings its own.
      credentials: { accessKeyId: "", secretAccessKey: "" },
      sha256: Sha256,
      uriEscapePath: true,
    });
  }

  /** @returns Hex. @throws {InvalidSignatureException} The SDK's code cannot tell two such requests apart. */
  async compute(content: SignedContent, secretAccessKey: string): Promise<string> {
    const { head, parts, payloadHash } = content;
    const { accessKeyId, scope, signedHeaders, date } = parts;
    const request = {
      method: head.method,
      protocol: "",
      hostname: "",
      path: normalPath(head.path),
      query: queryBag(content.query),
      headers: Object.fromEntries(signedHeaders.map((name) => [name, content.headers.get(name) ?? ""])),
    };
    // What the SDK would not sign by itself (user-agent and such), some clients sign.
    const canonicalHeaders = getCanonicalHeaders(request, undefined, new Set(signedHeaders));
    const stringToSign = await this.createStringToSign(
      date.text,
      `${scope.date}/${scope.region}/${scope.service}/aws4_request`,
      this.createCanonicalRequest(request, canonicalHeaders, payloadHash),
      "AWS4-HMAC-SHA256",
    );
    const credentials = { accessKeyId, secretAccessKey };
    const key = await getSigningKey(Sha256, credentials, scope.date, scope.region, scope.service);
    const hash = new Sha256(key);
    hash.update(Buffer.from(stringToSign));
    return Buffer.from(await hash.digest()).toString("hex");
  }
}

/**
 * SigV4 signs a path without empty and dot segments, so that a path with them has the signature of another one.
 * Whoever reads the path later may see a difference there: such a path is refused.
 */
function normalPath(path: string): string {
  const segments = path.split("/");
  const isNormal =
    path.startsWith("/") &&
    segments.every(
      (segment, at) =>
        segment !== "." && segment !== ".." && (segment !== "" || at === 0 || at === segments.length - 1),
    );
  if (!isNormal) {
    throw new InvalidSignatureException(
      "A signature does not tell apart paths with empty or dot segments: sign the path without them",
    );
  }
  return path;
}

/** Without the signature itself. */
function queryBag(query: readonly QueryParameter[]): Record<string, string[]> {
  const bag: Record<string, string[]> = Object.create(null);
  for (const [name, value] of query) {
    // The SDK's canonical query is the same whatever the value of this one.
    if (name === "__proto__") throw new InvalidSignatureException();
    if (name.toLowerCase() === "x-amz-signature") continue;
    bag[name] ??= [];
    bag[name].push(value);
  }
  return bag;
}
