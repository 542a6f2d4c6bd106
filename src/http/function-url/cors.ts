import type { Cors } from "../../model/functions.ts";
import type { RequestFacts } from "./request-facts.ts";

/** Methods that a browser sends across origins even if no preflight answer names them. */
const simpleMethods = new Set(["GET", "HEAD", "POST"]);

/** Whether Lambda answers this request itself, without the function. */
export function isPreflight(method: string, facts: RequestFacts): boolean {
  return method === "OPTIONS" && facts.origin !== undefined && facts.requestedMethod !== undefined;
}

/** Headers of the answer to a preflight; none of them allows anything when any part of it is not allowed. */
export function preflightHeaders(cors: Cors, facts: RequestFacts): string[] {
  const headers = ["Vary", "Origin"];
  const { origin, requestedMethod = "", requestedHeaders = "" } = facts;
  if (!allowsOrigin(cors, origin)) return headers;
  const methods = cors.AllowMethods ?? [];
  const anyMethod = methods.includes("*");
  if (
    !anyMethod &&
    !methods.includes(requestedMethod) &&
    (methods.length > 0 || !simpleMethods.has(requestedMethod))
  )
    return headers;
  const allowed = cors.AllowHeaders ?? [];
  const anyHeader = allowed.includes("*");
  const names = requestedHeaders.split(",").map((name) => name.trim().toLowerCase());
  const lower = new Set(allowed.map((name) => name.toLowerCase()));
  if (!anyHeader && !names.every((name) => name === "" || lower.has(name))) return headers;

  headers.push("Access-Control-Allow-Origin", origin);
  // To a browser that sends credentials, `*` is a method or header of that name: name what was asked for.
  const literal = cors.AllowCredentials === true;
  if (methods.length > 0)
    headers.push("Access-Control-Allow-Methods", anyMethod && literal ? requestedMethod : methods.join(","));
  if (allowed.length > 0 && !(anyHeader && literal && requestedHeaders === ""))
    headers.push("Access-Control-Allow-Headers", anyHeader && literal ? requestedHeaders : allowed.join(","));
  if (cors.MaxAge !== undefined) headers.push("Access-Control-Max-Age", String(cors.MaxAge));
  if (literal) headers.push("Access-Control-Allow-Credentials", "true");
  return headers;
}

/** What is added to every other answer; the function's own CORS headers stay beside them, as on Lambda. */
export function corsHeaders(cors: Cors, origin: string | undefined): string[] {
  if (origin === undefined) return [];
  const headers = ["Vary", "Origin"];
  if (!allowsOrigin(cors, origin)) return headers;
  headers.push("Access-Control-Allow-Origin", origin);
  if (cors.ExposeHeaders !== undefined && cors.ExposeHeaders.length > 0)
    headers.push("Access-Control-Expose-Headers", cors.ExposeHeaders.join(","));
  if (cors.AllowCredentials === true) headers.push("Access-Control-Allow-Credentials", "true");
  return headers;
}

function allowsOrigin(cors: Cors, origin: string | undefined): origin is string {
  if (origin === undefined || cors.AllowOrigins === undefined) return false;
  return cors.AllowOrigins.includes("*") || cors.AllowOrigins.includes(origin);
}
