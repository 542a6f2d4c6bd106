import type { FuzzRequest } from "./fuzz-case.ts";
import type { FuzzedOperation, Member } from "./members.ts";
import { sampleOf, sampleStructure } from "./samples.ts";

/** JSON as it is to stand in the body, well-formed or not. */
class RawJson {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A good request, on its way to being a bad one. */
export class Draft {
  readonly #operation: FuzzedOperation;
  readonly #labels = new Map<string, string>();
  readonly query: [name: string, value: string][] = [];
  readonly headers: [name: string, value: string][] = [];
  readonly #body: Record<string, unknown> = {};
  #payload: Buffer | undefined;
  #hasBody = false;

  constructor(operation: FuzzedOperation) {
    this.#operation = operation;
    if (operation.fixedQuery !== "") this.query.push(operation.fixedQuery.split("=") as [string, string]);
    for (const [member, value] of sampleOf(operation)) {
      if (member.place === "uri") this.label(member.wireName, encodeURIComponent(String(value)));
      if (member.place === "query") this.query.push([member.wireName, encodeURIComponent(String(value))]);
      if (member.place === "header") this.headers.push([member.wireName, String(value)]);
      if (member.place === "body") this.#body[member.wireName] = value;
    }
    for (const { place } of operation.members) {
      if (place === "body") this.#hasBody = true;
      if (place === "payload") this.#payload = Buffer.from("{}");
    }
  }

  get hasBody(): boolean {
    return this.#hasBody;
  }

  /** @param encoded As it is to stand in the path. */
  label(name: string, encoded: string): void {
    this.#labels.set(name, encoded);
  }

  /** Takes out what the good request has of a query's key. */
  withoutQuery(name: string): void {
    const kept = this.query.filter(([given]) => given !== name);
    this.query.splice(0, this.query.length, ...kept);
  }

  withoutHeader(name: string): void {
    const kept = this.headers.filter(([given]) => given !== name);
    this.headers.splice(0, this.headers.length, ...kept);
  }

  /** @param text JSON, or nearly; undefined takes the member out. */
  bodyMember(member: Member, text: string | undefined, above: readonly Member[]): void {
    let at = this.#body;
    for (const structure of above) {
      const name = structure.path.at(-1) as string;
      const given = at[name];
      const next = { ...sampleStructure(structure), ...(typeof given === "object" ? given : undefined) };
      at[name] = next;
      at = next as Record<string, unknown>;
    }
    const name = member.path.at(-1) as string;
    if (text === undefined) delete at[name];
    else at[name] = new RawJson(text);
  }

  payload(bytes: Buffer): void {
    this.#payload = bytes;
  }

  bodyText(): string {
    return jsonText(this.#body);
  }

  request(changes: Partial<FuzzRequest> & { readonly path?: string } = {}): FuzzRequest {
    const { path, ...given } = changes;
    const query = this.query.map(([name, value]) => `${name}=${value}`).join("&");
    const target = path ?? this.path();
    return {
      method: this.#operation.method,
      target: query === "" ? target : `${target}${target.includes("?") ? "&" : "?"}${query}`,
      headers: this.#hasBody ? [["Content-Type", "application/json"], ...this.headers] : this.headers,
      body: this.#payload ?? (this.#hasBody ? Buffer.from(this.bodyText()) : undefined),
      ...given,
    };
  }

  path(): string {
    return this.#operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => this.#labels.get(name) ?? "");
  }
}

function jsonText(value: unknown): string {
  if (value instanceof RawJson) return value.text;
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}:${jsonText(item)}`);
  return `{${members.join(",")}}`;
}
