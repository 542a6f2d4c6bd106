import { createHash } from "node:crypto";
import { type AmzDate, parseAmzDate } from "./amz-date.ts";
import { IncompleteSignatureException, MissingAuthenticationTokenException } from "./refusals.ts";
import type { QueryParameter } from "./request-head.ts";

/** What a request says of its signature, read but not believed. */
export interface SignatureParts {
  readonly accessKeyId: string;
  /** Of the credential scope. */
  readonly scope: { readonly date: string; readonly region: string; readonly service: string };
  /** Lower case, sorted, each once. */
  readonly signedHeaders: readonly string[];
  /** Hex. */
  readonly signature: string;
  readonly date: AmzDate;
  readonly sessionToken: string | undefined;
  /** Seconds that a presigned request is valid from its date on; undefined for one that is signed in its header. */
  readonly expiresSeconds: number | undefined;
}

const algorithm = "AWS4-HMAC-SHA256";
const terminator = "aws4_request";
const maxExpiresSeconds = 7 * 24 * 60 * 60;

/**
 * Reads the `Authorization` header, or the parameters of a presigned request.
 * @throws {MissingAuthenticationTokenException} There is neither.
 * @throws {IncompleteSignatureException} It is not as AWS's Signature Version 4 says.
 */
export function readSignatureParts(
  headers: ReadonlyMap<string, string>,
  query: readonly QueryParameter[],
): SignatureParts {
  const authorization = headers.get("authorization") || undefined;
  const isPresigned = query.some(([name]) => presigning.has(name.toLowerCase()));
  if (authorization !== undefined && isPresigned) {
    throw new IncompleteSignatureException(
      "Only one authentication mechanism is allowed: the Authorization header or the X-Amz-* query parameters",
    );
  }
  if (authorization !== undefined) return fromHeader(authorization, headers);
  if (isPresigned) return fromQuery(new PresignedParameters(query));
  throw new MissingAuthenticationTokenException();
}

function fromHeader(authorization: string, headers: ReadonlyMap<string, string>): SignatureParts {
  const fields = authorizationFields(authorization);
  const dateText = headers.get("x-amz-date") ?? headers.get("date");
  const missing = ["Credential", "Signature", "SignedHeaders"]
    .filter((name) => !fields.has(name))
    .map((name) => `Authorization header requires '${name}' parameter.`);
  if (dateText === undefined) {
    missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  }
  if (missing.length > 0) {
    throw new IncompleteSignatureException(
      `${missing.join(" ")} (Hashed with SHA-256 and encoded with Base64) Authorization=${hashed(authorization)}`,
    );
  }
  return {
    ...credentialOf(fields.get("Credential") ?? ""),
    signedHeaders: signedHeadersOf(fields.get("SignedHeaders") ?? ""),
    signature: fields.get("Signature") ?? "",
    date: dateOf(dateText ?? ""),
    sessionToken: headers.get("x-amz-security-token"),
    expiresSeconds: undefined,
  };
}

/** `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`: each field once, and no others. */
function authorizationFields(authorization: string): ReadonlyMap<string, string> {
  const space = authorization.indexOf(" ");
  const scheme = space === -1 ? authorization : authorization.slice(0, space);
  const fields = new Map<string, string>();
  if (scheme !== algorithm) {
    if (/^AWS\d/.test(scheme)) {
      throw new IncompleteSignatureException(`Unsupported AWS 'algorithm': '${scheme.slice(0, 64)}'.`);
    }
    return fields;
  }
  for (const piece of authorization.slice(scheme.length).split(",")) {
    const field = piece.trim();
    const mark = field.indexOf("=");
    if (mark === -1) {
      throw new IncompleteSignatureException(
        `Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '${hashed(authorization)}'.`,
      );
    }
    const name = field.slice(0, mark);
    if (!["Credential", "SignedHeaders", "Signature"].includes(name) || fields.has(name)) {
      throw new IncompleteSignatureException(
        `Authorization header has the parameter '${name.slice(0, 64)}' ${fields.has(name) ? "twice" : "which is none of its own"}.`,
      );
    }
    fields.set(name, field.slice(mark + 1));
  }
  return fields;
}

function fromQuery(parameters: PresignedParameters): SignatureParts {
  const given = parameters.required("X-Amz-Algorithm");
  if (given !== algorithm) {
    throw new IncompleteSignatureException(`Unsupported AWS 'algorithm': '${given.slice(0, 64)}'.`);
  }
  const expires = parameters.required("X-Amz-Expires");
  const expiresSeconds = /^\d{1,6}$/.test(expires) ? Number(expires) : Number.NaN;
  if (!(expiresSeconds >= 1 && expiresSeconds <= maxExpiresSeconds)) {
    throw new IncompleteSignatureException(
      `X-Amz-Expires must be a number of seconds from 1 to ${maxExpiresSeconds}`,
    );
  }
  return {
    ...credentialOf(parameters.required("X-Amz-Credential")),
    signedHeaders: signedHeadersOf(parameters.required("X-Amz-SignedHeaders")),
    signature: parameters.required("X-Amz-Signature"),
    date: dateOf(parameters.required("X-Amz-Date")),
    sessionToken: parameters.get("X-Amz-Security-Token"),
    expiresSeconds,
  };
}

/** What makes a request a presigned one. In any case of letters: nobody may smuggle a second one past the first. */
const presigning = new Set(["x-amz-algorithm", "x-amz-credential", "x-amz-signature", "x-amz-signedheaders"]);

/** The parameters that presigning adds, each at most once. */
class PresignedParameters {
  readonly #values = new Map<string, string>();

  constructor(query: readonly QueryParameter[]) {
    for (const [name, value] of query) {
      const key = name.toLowerCase();
      if (!key.startsWith("x-amz-")) continue;
      if (this.#values.has(key)) {
        throw new IncompleteSignatureException(
          `AWS query-string parameter '${name.slice(0, 64)}' is there twice.`,
        );
      }
      this.#values.set(key, value);
    }
  }

  get(name: string): string | undefined {
    return this.#values.get(name.toLowerCase());
  }

  required(name: string): string {
    const value = this.get(name);
    if (value === undefined || value === "") {
      throw new IncompleteSignatureException(
        `AWS query-string parameters must include '${name}'. Re-examine the query-string parameters.`,
      );
    }
    return value;
  }
}

function credentialOf(credential: string): Pick<SignatureParts, "accessKeyId" | "scope"> {
  const elements = credential.split("/");
  const [accessKeyId = "", date = "", region = "", service = "", term = ""] = elements;
  if (elements.length !== 5 || accessKeyId === "") {
    throw new IncompleteSignatureException(
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential.slice(0, 256)}'`,
    );
  }
  if (term !== terminator) {
    throw new IncompleteSignatureException(
      `Credential should be scoped with a valid terminator: '${terminator}', not '${term.slice(0, 64)}'.`,
    );
  }
  return { accessKeyId, scope: { date, region, service } };
}

function signedHeadersOf(text: string): readonly string[] {
  const names = text.split(";");
  const isInOrder = names.every((name, at) => name !== "" && (at === 0 || (names[at - 1] ?? "") < name));
  if (!isInOrder || text !== text.toLowerCase()) {
    throw new IncompleteSignatureException(
      "SignedHeaders must name each header once, in lower case, sorted and with ';' between them",
    );
  }
  return names;
}

function dateOf(text: string): AmzDate {
  const date = parseAmzDate(text);
  if (date === undefined) {
    throw new IncompleteSignatureException(
      `Date must be in ISO-8601 'basic format'. Got '${text.slice(0, 64)}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    );
  }
  return date;
}

/** So that a signature, or whatever else was put there, is in no log of an error message. */
function hashed(authorization: string): string {
  return createHash("sha256").update(authorization).digest("base64");
}
