import { Sha256 } from "../model/sha256.ts";
import type { SignRequest } from "./api-client.ts";
import { UsageError } from "./cli-error.ts";

/**
 * Signs as the AWS CLI does, with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and AWS_REGION (else
 * AWS_DEFAULT_REGION, else us-east-1).
 * @returns undefined without a key: requests go out unsigned.
 * @throws {UsageError} One half of the key is missing.
 */
export function signerFrom(env: Readonly<Record<string, string | undefined>>): SignRequest | undefined {
  const accessKeyId = env["AWS_ACCESS_KEY_ID"] || undefined;
  const secretAccessKey = env["AWS_SECRET_ACCESS_KEY"] || undefined;
  if (accessKeyId === undefined && secretAccessKey === undefined) return undefined;
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    const missing = accessKeyId === undefined ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY";
    throw new UsageError(`an access key has two parts, and ${missing} is not set`);
  }
  const sessionToken = env["AWS_SESSION_TOKEN"] || undefined;
  const credentials = {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken }),
  };
  const region = env["AWS_REGION"] || env["AWS_DEFAULT_REGION"] || "us-east-1";
  return async ({ method, url, headers, body }) => {
    const { SignatureV4 } = await import("@smithy/signature-v4");
    const signer = new SignatureV4({ service: "lambda", region, credentials, sha256: Sha256 });
    const signed = await signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: queryOf(url),
      headers: { ...headers, host: url.host },
      ...(body !== null && { body }),
    });
    return signed.headers;
  };
}

function queryOf(url: URL): Record<string, string[]> {
  const query: Record<string, string[]> = {};
  for (const name of url.searchParams.keys()) query[name] = url.searchParams.getAll(name);
  return query;
}
