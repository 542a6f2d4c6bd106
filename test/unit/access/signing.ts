import { SignatureV4 } from "@smithy/signature-v4";
import { type Credential, type RequestHead, toRequestHead } from "../../../src/access/index.ts";
import { UnrecognizedClientException } from "../../../src/access/refusals.ts";
import { SignatureVerifier } from "../../../src/access/signature-verifier.ts";
import { Sha256 } from "../../../src/model/sha256.ts";

const accountId = "000000000000";
const rootArn = `arn:aws:iam::${accountId}:root`;

export const key: Credential = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  principal: {
    caller: { kind: "identity", accountId, arn: rootArn, principalArn: rootArn, isRoot: true },
    type: "Account",
    userId: accountId,
    userName: undefined,
    policies: [],
    sourceFunctionArn: undefined,
  },
};
export const signedAtMs = Date.UTC(2015, 7, 30, 12, 36, 0);

/** A request as it travels. */
export interface Sent {
  readonly method: string;
  /** Path and query, as they stand in the request line. */
  readonly target: string;
  /** Lower-case names. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

export interface Unsigned {
  readonly method?: string;
  /** Encoded. */
  readonly path?: string;
  /** Not encoded. */
  readonly query?: Readonly<Record<string, string | string[]>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface SigningOptions {
  readonly region?: string;
  readonly service?: string;
  readonly secretAccessKey?: string;
  readonly accessKeyId?: string;
  readonly sessionToken?: string;
  /** Whether the body's hash goes along as a header, as the SDKs do and botocore does not. Default true. */
  readonly withHash?: boolean;
  /** Presigns, for this long. */
  readonly expiresSeconds?: number;
  readonly atMs?: number;
}

const host = "127.0.0.1:9000";

/** Signs with the AWS SDK's own signer. */
export async function sign(unsigned: Unsigned, options: SigningOptions = {}): Promise<Sent> {
  const { method = "GET", path = "/", query = {}, headers = {}, body = "" } = unsigned;
  const { accessKeyId = key.accessKeyId, secretAccessKey = key.secretAccessKey, sessionToken } = options;
  const signer = new SignatureV4({
    service: options.service ?? "lambda",
    region: options.region ?? "us-east-1",
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
    sha256: Sha256,
    applyChecksum: options.withHash ?? true,
  });
  const request = { method, protocol: "http:", hostname: "127.0.0.1", path, query: { ...query }, body };
  const toSign = { ...request, headers: { host, ...headers } };
  const signingDate = new Date(options.atMs ?? signedAtMs);
  const { expiresSeconds: expiresIn } = options;
  const signed =
    expiresIn === undefined
      ? await signer.sign(toSign, { signingDate })
      : await signer.presign(toSign, { signingDate, expiresIn });
  const target = queryString(signed.query ?? {});
  return {
    method,
    target: target === "" ? path : `${path}?${target}`,
    headers: Object.entries(signed.headers),
    body,
  };
}

export async function verifier(nowMs = signedAtMs, keys: readonly Credential[] = [key]) {
  return SignatureVerifier.load({
    credentials: {
      find(id, sessionToken) {
        const found = keys.find((one) => one.accessKeyId === id);
        if (found === undefined || sessionToken !== undefined) throw new UnrecognizedClientException();
        return found;
      },
    },
    region: "us-east-1",
    clock: { now: () => nowMs, monotonicMs: () => 0 },
  });
}

/** @returns The key; rejects with the refusal. */
export async function verify(sent: Sent, checker?: SignatureVerifier): Promise<Credential> {
  const request = await (checker ?? (await verifier())).verifyHead(headOf(sent));
  return request.verifyBody(Buffer.from(sent.body));
}

export function headOf(sent: Sent): RequestHead {
  return toRequestHead(sent.method, sent.target, sent.headers.flat());
}

/** `undefined` when it was accepted, else the code that the client is told. */
export async function refusal(sent: Sent, checker?: SignatureVerifier): Promise<string | undefined> {
  try {
    await verify(sent, checker);
    return undefined;
  } catch (error) {
    return (error as Error).name;
  }
}

function queryString(query: Readonly<Record<string, string | readonly string[] | null>>): string {
  const encode = (text: string) =>
    encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return Object.entries(query)
    .flatMap(([name, value]) => [value ?? ""].flat().map((one) => `${encode(name)}=${encode(String(one))}`))
    .join("&");
}
