import { maxResultBytes } from "../../model/payload-limits.ts";
import { type ResponseHead, toResponseHead } from "./response-head.ts";

/** A response as a function's result describes it. */
export interface FunctionResponse extends ResponseHead {
  readonly body: string | Buffer;
}

const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * Lambda's rules for what a buffered result means (spec: function-urls.md, section 4).
 * @param payload The result as JSON text.
 * @returns undefined for a result that describes no valid response: the client gets a 502.
 */
export function toFunctionResponse(payload: Buffer): FunctionResponse | undefined {
  if (payload.length > maxResultBytes) return undefined;
  const text = payload.toString("utf8");
  const first = text.charCodeAt(0);
  try {
    if (first === openBrace && text.includes('"statusCode"')) {
      const shape: unknown = JSON.parse(text);
      if (isShape(shape)) return shapedResponse(shape);
    }
    if (first === quote) {
      const value: unknown = JSON.parse(text);
      return inferredResponse(typeof value === "string" ? value : text);
    }
  } catch {
    return undefined;
  }
  return inferredResponse(text === "" ? "null" : text);
}

function inferredResponse(body: string): FunctionResponse {
  return { status: 200, headers: ["Content-Type", "application/json"], body };
}

function isShape(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.hasOwn(value, "statusCode");
}

function shapedResponse(shape: Record<string, unknown>): FunctionResponse | undefined {
  const encoded = shape["isBase64Encoded"] ?? false;
  if (typeof encoded !== "boolean") return undefined;
  const head = toResponseHead(shape, "application/json");
  if (head === undefined) return undefined;
  const given = shape["body"] ?? "";
  const body = typeof given === "string" ? given : JSON.stringify(given);
  if (!encoded) return { status: head.status, headers: head.headers, body };
  if (body.length % 4 === 1 || !base64.test(body)) return undefined;
  return { status: head.status, headers: head.headers, body: Buffer.from(body, "base64") };
}

const openBrace = 123;
const quote = 34;
