import { DOMException } from "../dom-exception.ts";
import { type AlgorithmOperation, find, type Member } from "./algorithms.ts";
import { recordOf } from "./crypto-key.ts";
import {
  bytesOf,
  type Context,
  failure,
  isObject,
  toBufferSource,
  toInteger,
  toKey,
  toText,
  toUint8Array,
} from "./webidl.ts";

/** A name and parameters, all of them plain values, copies of bytes, and records of keys. No prototype. */
export type Normalized = Record<string, unknown> & { name: string };

const { create } = Object;
const { Uint8Array: PrimordialUint8Array } = globalThis;
const context: Context = { prefix: "Failed to normalize algorithm", subject: "passed algorithm" };

/** An algorithm as a script may name it: its name, or an object with parameters. */
export function toAlgorithmIdentifier(value: unknown, argument: Context): object | string {
  return isObject(value) ? value : toText(value, argument);
}

/**
 * Reads the parameters of `algorithm` that `operation` takes, in the order that WebIDL reads them.
 * @throws {DOMException} NotSupportedError when no such algorithm has the operation.
 */
export function normalize(algorithm: object | string, operation: AlgorithmOperation): Normalized {
  const given = typeof algorithm === "string" ? { name: algorithm } : (algorithm as { name?: unknown });
  const { name } = given;
  if (name === undefined) throw isMissing("name", "Algorithm");
  const registered = find(toText(name, memberContext("name")), operation);
  if (registered === undefined) throw new DOMException("Unrecognized algorithm name", "NotSupportedError");
  const normalized = create(null) as Normalized;
  normalized.name = registered.name;
  const read: [Member, unknown][] = [];
  for (let index = 0; index < registered.members.length; index++) {
    const member = registered.members[index]!;
    const value = (given as Record<string, unknown>)[member.name];
    if (value !== undefined) read[read.length] = [member, converted(member, value)];
    else if (member.isRequired) throw isMissing(member.name, registered.dictionary!);
  }
  // Copies of bytes and hashes come after all members were read.
  for (let index = 0; index < read.length; index++) {
    const [{ name, type }, value] = read[index]!;
    normalized[name] = finished(type, value);
  }
  return normalized;
}

function converted({ name, type }: Member, value: unknown): unknown {
  const member = memberContext(name);
  switch (type) {
    case "bytes":
      return toBufferSource(value, member);
    case "integer":
      return toUint8Array(value, member);
    case "octet":
      return toInteger(value, 0xff, member);
    case "short":
      return toInteger(value, 0xffff, member);
    case "long":
      return toInteger(value, 0xffff_ffff, member);
    case "string":
      return toText(value, member);
    case "hash":
      return toAlgorithmIdentifier(value, member);
    case "key":
      return toKey(value, member);
  }
}

function finished(type: Member["type"], value: unknown): unknown {
  switch (type) {
    case "bytes":
    case "integer":
      return new PrimordialUint8Array(bytesOf(value as ArrayBuffer));
    case "hash":
      return normalize(value as object | string, "digest");
    case "key":
      return recordOf(value);
    default:
      return value;
  }
}

function memberContext(name: string): Context {
  return { prefix: context.prefix, subject: `${name} in ${context.subject}` };
}

function isMissing(name: string, dictionary: string): TypeError {
  return failure(
    context,
    `cannot be converted to '${dictionary}' because '${name}' is required in '${dictionary}'.`,
    "ERR_MISSING_OPTION",
  );
}
