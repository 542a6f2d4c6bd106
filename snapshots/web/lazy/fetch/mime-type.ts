export interface MimeType {
  /** Lower case. */
  readonly essence: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const tokenOnly = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const parameterPattern = /;[\t\n\r ]*([^;=]*)(?:=(?:"((?:[^"\\]|\\[\s\S])*)"[^;]*|([^;]*)))?/g;

/** Parses a content type as the MIME Sniffing Standard does; undefined for what is none. */
export function parseMimeType(text: string): MimeType | undefined {
  const end = text.indexOf(";");
  const essence = (end === -1 ? text : text.slice(0, end)).trim().toLowerCase();
  const [type, subtype, more] = essence.split("/");
  if (type === undefined || subtype === undefined || more !== undefined) return undefined;
  if (!tokenOnly.test(type) || !tokenOnly.test(subtype)) return undefined;
  const parameters = new Map<string, string>();
  if (end !== -1) {
    for (const [, name, quoted, bare] of text.slice(end).matchAll(parameterPattern)) {
      const key = name!.trim().toLowerCase();
      const value = quoted === undefined ? bare?.trim() : quoted.replace(/\\([\s\S])/g, "$1");
      if (!tokenOnly.test(key) || value === undefined || parameters.has(key)) continue;
      if (quoted === undefined && value === "") continue;
      parameters.set(key, value);
    }
  }
  return { essence, parameters };
}

const listItem = /(?:[^,"]|"(?:[^"\\]|\\[\s\S])*"?)+/g;

/** Of several content types in one list the last counts; one without a charset keeps that of its like before it. */
export function extractMimeType(list: string): MimeType | undefined {
  let last: MimeType | undefined;
  for (const [text] of list.matchAll(listItem)) {
    const type = parseMimeType(text);
    if (type === undefined || type.essence === "*/*") continue;
    const charset = type.essence === last?.essence ? last.parameters.get("charset") : undefined;
    const isKept = charset !== undefined && !type.parameters.has("charset");
    last = isKept ? { ...type, parameters: new Map([...type.parameters, ["charset", charset]]) } : type;
  }
  return last;
}

export function serializeMimeType({ essence, parameters }: MimeType): string {
  let text = essence;
  for (const [name, value] of parameters) {
    text += `;${name}=${tokenOnly.test(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`}`;
  }
  return text;
}
