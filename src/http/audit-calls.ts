import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { TLSSocket } from "node:tls";
import type { Context, MiddlewareHandler } from "hono";
import type { AuditFacts, AuditTrail } from "../audit/index.ts";
import type { Clock } from "../model/clock.ts";
import { type ArnScope, functionArn, parseFunctionReference } from "../model/function-arn.ts";
import { auditPrincipal } from "./audit-principal.ts";
import { type AuditedOperation, auditedOperation } from "./audited-call.ts";
import { beginNote, type CallNote } from "./call-note.ts";
import { incomingOf } from "./incoming-of.ts";
import { peerAddress } from "./peer-address.ts";
import { type Signed, signedOf } from "./signed.ts";

export interface AuditCallsOptions {
  readonly trail: Pick<AuditTrail, "add">;
  /** Whether invocations have records, too. Those that are refused for who sends them have in either case. */
  readonly dataEvents: boolean;
  readonly trustForwarded: boolean;
  readonly scope: ArnScope;
  readonly clock: Clock;
  /** Told of errors that are ours. */
  readonly onBug: (error: unknown) => void;
}

/** Writes down every call that comes after it, when it has been answered: the refused ones above all. */
export function auditCalls(options: AuditCallsOptions): MiddlewareHandler {
  return async (c, next) => {
    const timeMs = options.clock.now();
    const note = beginNote(c);
    await next();
    try {
      const operation = auditedOperation(c);
      if (operation.isInvocation && !options.dataEvents && c.res.status !== 403) return;
      options.trail.add(await factsOf(c, operation, note, timeMs, options));
    } catch (error) {
      // No call fails by its record.
      options.onBug(error);
    }
  };
}

async function factsOf(
  c: Context,
  operation: AuditedOperation,
  note: CallNote,
  timeMs: number,
  { scope, trustForwarded }: AuditCallsOptions,
): Promise<AuditFacts> {
  const signed = signedOf(c);
  const incoming = incomingOf(c);
  const error = await errorOf(c);
  const input = operation.eventSource === "brisk.internal" ? briskInput(c, operation, signed) : note.input;
  return {
    timeMs,
    eventSource: operation.eventSource,
    operation: operation.name,
    isRead: operation.isRead,
    isData: operation.isInvocation,
    requestId: c.res.headers.get("x-amzn-requestid") ?? sentRequestId(c) ?? randomUUID(),
    sourceAddress: incoming === undefined ? "brisk.internal" : peerAddress(incoming, trustForwarded),
    userAgent: c.req.header("user-agent"),
    principal: signed && auditPrincipal(signed),
    claimedAccessKeyId: claimedKey(c),
    input: operation.isInvocation ? invocationInput(c, operation) : (input ?? operation.uri),
    output: operation.eventSource === "brisk.internal" ? await briskOutput(c) : note.output,
    error,
    resources: resourcesOf(operation, note, scope),
    tls: tlsOf(incoming),
  };
}

/** From the answer itself, so that no refusal can be forgotten, whoever makes it. */
async function errorOf(c: Context): Promise<AuditFacts["error"]> {
  const { res } = c;
  if (res.status < 400) return undefined;
  const code = res.headers.get("x-amzn-errortype") ?? `Http${res.status}`;
  const body: unknown = await res
    .clone()
    .json()
    .catch(() => undefined);
  const { message, Message } = (body ?? {}) as { message?: unknown; Message?: unknown };
  return { code, message: String(message ?? Message ?? "") };
}

/** Read again rather than noted, since these routes are few: their path, query, and a body that is small. */
function briskInput(c: Context, operation: AuditedOperation, signed: Signed | undefined): unknown {
  // What signs a request is in its query, when it is presigned or a link to code.
  const isPlain = ([name]: [string, string]) => operation.name !== "GetCode" && !/^x-amz-/i.test(name);
  const query = Object.fromEntries(Object.entries(c.req.query()).filter(isPlain));
  const input: Record<string, unknown> = { ...operation.uri, ...query };
  if (signed === undefined || signed.body.byteLength === 0 || signed.body.byteLength > maxBriskBody)
    return input;
  try {
    return { ...input, ...(JSON.parse(signed.body.toString("utf8"), policyAsText) as object) };
  } catch {
    return input;
  }
}

const maxBriskBody = 64 * 1024;

/** A policy's document is text to IAM's records: its members are not ours to spell. */
function policyAsText(name: string, value: unknown): unknown {
  return name === "document" && typeof value === "object" ? JSON.stringify(value) : value;
}

/** What names the thing that was made. Answers of these routes hold secrets: nothing else of them is taken. */
const tellingMembers = ["accessKeyId", "userArn", "roleName", "arn", "roleId", "createDate"];

async function briskOutput(c: Context): Promise<unknown> {
  const isJson = c.res.headers.get("content-type")?.startsWith("application/json") === true;
  if (c.req.method === "GET" || !isJson || c.res.status >= 400) return undefined;
  const body = (await c.res.clone().json()) as Record<string, unknown>;
  return Object.fromEntries(
    tellingMembers.filter((name) => typeof body[name] === "string").map((name) => [name, body[name]]),
  );
}

function invocationInput(c: Context, { uri }: AuditedOperation): Record<string, unknown> {
  return {
    ...uri,
    Qualifier: c.req.query("Qualifier"),
    InvocationType: c.req.header("x-amz-invocation-type"),
    LogType: c.req.header("x-amz-log-type"),
  };
}

function resourcesOf(operation: AuditedOperation, note: CallNote, scope: ArnScope): AuditFacts["resources"] {
  const given = (note.input as { FunctionName?: unknown } | undefined)?.FunctionName;
  const name = operation.uri["FunctionName"] ?? given;
  if (typeof name !== "string") return [];
  try {
    const reference = parseFunctionReference(scope, name, undefined);
    return [{ type: "AWS::Lambda::Function", arn: functionArn(scope, reference.name, reference.qualifier) }];
  } catch {
    // Not a function's name: the refusal says so.
    return [];
  }
}

/** Who a request says that it is of. */
function claimedKey(c: Context): string | undefined {
  const authorization = c.req.header("authorization") ?? "";
  const credential = /Credential=([A-Za-z0-9]{4,128})\//.exec(authorization)?.[1];
  return credential ?? /^([A-Za-z0-9]{4,128})\//.exec(c.req.query("X-Amz-Credential") ?? "")?.[1];
}

function tlsOf(incoming: IncomingMessage | undefined): AuditFacts["tls"] {
  if (!(incoming?.socket instanceof TLSSocket)) return undefined;
  const { socket, headers } = incoming;
  return {
    version: socket.getProtocol() ?? "",
    cipher: socket.getCipher()?.standardName ?? "",
    host: headers.host ?? "",
  };
}

/** Of an invocation, which answers past Hono. */
function sentRequestId(c: Context): string | undefined {
  const { outgoing } = (c.env ?? {}) as { outgoing?: ServerResponse };
  const id = outgoing?.getHeader?.("x-amzn-requestid");
  return typeof id === "string" ? id : undefined;
}
