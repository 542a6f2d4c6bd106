import type { z } from "zod";
import { LambdaServiceException, ValidationException } from "../../model/errors.ts";
import type { ConstraintIssue } from "./shapes.ts";

/** A body that is no JSON, or a member of another type than the model's. */
export class SerializationException extends LambdaServiceException {
  constructor(message: string, options?: ErrorOptions) {
    super("SerializationException", 400, "client", message, options);
  }
}

const longestPrintedValue = 1024;
const mostPrintedItems = 20;

/** The refusal of a request that breaks the model (spec: api.md, section 3). */
export function toValidationError(issues: readonly z.core.$ZodIssue[]): LambdaServiceException {
  const mistyped = issues.find((issue) => issue.code !== "custom" && !isAbsent(issue));
  if (mistyped !== undefined) {
    const wanted = "expected" in mistyped ? String(mistyped.expected) : "value";
    return new SerializationException(
      `Cannot read the value at '${memberPath(mistyped.path)}': ${jsonToken(mistyped.input)} can not be converted to ${typeNames[wanted] ?? wanted}`,
    );
  }
  const items = issues.map(describe);
  const plural = items.length === 1 ? "error" : "errors";
  return new ValidationException(
    `${items.length} validation ${plural} detected: ${items.slice(0, mostPrintedItems).join("; ")}`,
  );
}

function describe(issue: z.core.$ZodIssue): string {
  const { constraint, sensitive } =
    issue.code === "custom"
      ? (issue.params as unknown as ConstraintIssue)
      : { constraint: "Member must not be null", sensitive: false };
  const value = sensitive ? "'*** Sensitive information obfuscated ***'" : printed(issue.input);
  return `Value ${value} at '${memberPath(issue.path)}' failed to satisfy constraint: ${constraint}`;
}

function isAbsent(issue: z.core.$ZodIssue): boolean {
  return issue.code === "invalid_type" && (issue.input === undefined || issue.input === null);
}

/** `SnapStart.ApplyOn` is `snapStart.applyOn` in messages, and items of a list are counted from 1. */
function memberPath(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === "number" ? `${part + 1}.member` : String(part).slice(0, 128)))
    .map((part) => part.slice(0, 1).toLowerCase() + part.slice(1))
    .join(".");
}

function printed(value: unknown): string {
  if (value === undefined || value === null) return "null";
  const text = Array.isArray(value)
    ? `[${value.slice(0, 100).join(", ")}]`
    : typeof value === "object"
      ? `{${Object.entries(value)
          .slice(0, 100)
          .map(([name, content]) => `${name}=${typeof content === "number" ? asDouble(content) : content}`)
          .join(", ")}}`
      : String(value);
  return `'${text.slice(0, longestPrintedValue)}'`;
}

/** As Java prints one: the model's maps hold no other numbers. */
function asDouble(value: number): string {
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-3 && size < 1e7)) return Number.isInteger(value) ? `${value}.0` : `${value}`;
  const [digits = "", exponent = ""] = value.toExponential().split("e");
  return `${digits.includes(".") ? digits : `${digits}.0`}E${Number(exponent)}`;
}

const typeNames: Readonly<Record<string, string>> = {
  string: "a String",
  number: "a Number",
  int: "an Integer",
  boolean: "a Boolean",
  array: "a List",
  object: "a Structure",
  record: "a Map",
  base64: "a Blob: it is not base64",
};

function jsonToken(value: unknown): string {
  if (Array.isArray(value)) return "START_ARRAY";
  if (typeof value === "object") return "START_OBJECT";
  return `${typeof value}_VALUE`.toUpperCase();
}
