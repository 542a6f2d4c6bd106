export const hidden = "HIDDEN_DUE_TO_SECURITY_REASONS";

const maxDepth = 8;
const maxEntries = 100;
const maxTextLength = 1024;

/** Members that CloudTrail leaves out of Lambda's records, or leaves empty. Code, and where to fetch it, are among them. */
const leftOut = new Set(["zipFile", "payload", "clientContext", "location", "logResult"]);
const leftEmpty = new Set(["environment"]);
/** Members whose values prove who somebody is. */
const secret = /(?:secret|token|password|passphrase|credential|signature|privatekey)/i;
const notSecret = new Set(["nextToken", "continuationToken", "secretId"]);

/** Members whose keys are data, and stay as they are. */
const maps = new Set(["tags", "additionalVersionWeights", "endpoints"]);

/**
 * What may be told of a call's members: names as CloudTrail spells them (`functionName`), nothing secret, everything
 * of a bounded size. Whatever is not plain data (bytes, above all) is left out.
 */
export function safeElements(value: unknown): unknown {
  return safe(value, "", 0);
}

function safe(value: unknown, member: string, depth: number): unknown {
  switch (typeof value) {
    case "string":
      return member === "statement" || member === "policy"
        ? safeText(withoutEventSourceToken(value))
        : safeText(value);
    case "number":
    case "boolean":
      return value;
    case "object":
      break;
    default:
      return undefined;
  }
  if (value === null) return null;
  if (depth >= maxDepth) return { omitted: true };
  if (Array.isArray(value)) {
    const items = value.slice(0, maxEntries).map((item) => safe(item, "", depth + 1) ?? null);
    return value.length > maxEntries ? [...items, { omitted: value.length - maxEntries }] : items;
  }
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return undefined;
  return safeObject(value, member, depth);
}

function safeObject(value: object, member: string, depth: number): Readonly<Record<string, unknown>> {
  const isMap = maps.has(member);
  const result: Record<string, unknown> = Object.create(null);
  let count = 0;
  for (const [name, content] of Object.entries(value)) {
    if (content === undefined) continue;
    count += 1;
    if (count > maxEntries) continue;
    const key = isMap ? safeText(name, 256) : safeText(lowerCamel(name), 256);
    if (leftOut.has(key) && !isMap) continue;
    if (leftEmpty.has(key) && !isMap) result[key] = {};
    else if (secret.test(key) && !notSecret.has(key)) result[key] = hidden;
    else result[key] = safe(content, key, depth + 1);
  }
  if (count > maxEntries) result["omitted"] = count - maxEntries;
  return result;
}

/** `KMSKeyArn` is `kMSKeyArn` in records of AWS: only the first letter changes. */
function lowerCamel(name: string): string {
  return name.slice(0, 1).toLowerCase() + name.slice(1);
}

/** A bound, and no half of a character at its end. */
export function safeText(text: string, maxLength = maxTextLength): string {
  if (text.length <= maxLength) return text;
  return `${text.slice(0, maxLength - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

function withoutEventSourceToken(policy: string): string {
  return policy.replaceAll(/("lambda:EventSourceToken"\s*:\s*)"(?:[^"\\]|\\.)*"/gi, `$1"${hidden}"`);
}

/** A refusal's words without what they repeat of a request's body or of variables' values. */
export function safeMessage(code: string, message: string): string {
  let text = message;
  // Parsers quote what they could not read.
  if (code === "SerializationException" || code === "InvalidRequestContentException") {
    text = text.replace(/(into json|Cannot read the value at '[^']{0,256}'): [\s\S]*$/, `$1: ${hidden}`);
  }
  text = text.replace(/(String measured: )[\s\S]*$/, `$1${hidden}`);
  return safeText(withoutSecretValues(text));
}

const secretMember = /' at '(?:clientContext|environment[^']*|code\.zipFile|eventSourceToken)'/g;

/** Value '…' at 'environment': looked for from its end, since a value may say `Value '` as often as it likes. */
function withoutSecretValues(text: string): string {
  let safe = "";
  let from = 0;
  for (const { index } of text.matchAll(secretMember)) {
    const begin = text.indexOf("Value '", from);
    if (begin === -1 || begin > index) continue;
    safe += `${text.slice(from, begin)}Value '${hidden}`;
    from = index;
  }
  return safe + text.slice(from);
}
