import { type Context, failure, isObject, toList, toText } from "./webidl.ts";

/** Members of the dictionary JsonWebKey, in the order in which they are read. */
const members = "alg crv d dp dq e ext k key_ops kty n oth p priv pub q qi use x y".split(
  " ",
) as readonly string[];
const primeMembers: readonly string[] = ["d", "r", "t"];

const { create } = Object;

export function toJsonWebKey(value: unknown, context: Context): Record<string, unknown> {
  return toDictionary(value, members, context);
}

function toDictionary(value: unknown, names: readonly string[], context: Context): Record<string, unknown> {
  const dictionary = create(null) as Record<string, unknown>;
  if (value === undefined || value === null) return dictionary;
  if (!isObject(value)) throw failure(context, "cannot be converted to a dictionary");
  for (let index = 0; index < names.length; index++) {
    const name = names[index]!;
    const member = (value as Record<string, unknown>)[name];
    if (member === undefined) continue;
    const inMember = { prefix: context.prefix, subject: `${name} in ${context.subject}` };
    if (name === "ext") dictionary[name] = !!member;
    else if (name === "key_ops") dictionary[name] = toList(member, toText, inMember);
    else if (name === "oth") {
      dictionary[name] = toList(member, (item, at) => toDictionary(item, primeMembers, at), inMember);
    } else dictionary[name] = toText(member, inMember);
  }
  return dictionary;
}
