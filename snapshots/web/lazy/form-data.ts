import { showAs } from "../inspection.ts";
import { asInterface } from "../interface.ts";
import { loadLazy } from "../lazy.ts";
import { type PairIterator, pairIterators } from "../pair-iterator.ts";
import { toWellFormed, utf8Decode, utf8Encode } from "../utf8.ts";
import type { File } from "./blob.ts";
import { parseMultipart as parseParts, serializeMultipart as serializeParts } from "./form-data/multipart.ts";

export type FormDataValue = string | File;

const blobs = loadLazy("blob");
const iterators = pairIterators<FormDataValue>("FormData");
let listOf: (form: FormData) => [string, FormDataValue][];

export class FormData {
  static {
    listOf = (form) => form.#list;
  }

  #list: [string, FormDataValue][] = [];
  readonly #pairs = { at: (index: number) => this.#list[index] };

  constructor(form: undefined = undefined) {
    if (form !== undefined) throw new TypeError("FormData takes no form: there are no documents here");
  }

  append(name: string, value: unknown, filename: string | undefined = undefined): void {
    this.#list.push(entryOf("append", arguments.length, name, value, filename));
  }
  delete(name: string): void {
    needs("delete", arguments.length, 1);
    const key = toWellFormed(`${name}`);
    this.#list = this.#list.filter((entry) => entry[0] !== key);
  }
  get(name: string): FormDataValue | null {
    needs("get", arguments.length, 1);
    const key = toWellFormed(`${name}`);
    return this.#list.find((entry) => entry[0] === key)?.[1] ?? null;
  }
  getAll(name: string): FormDataValue[] {
    needs("getAll", arguments.length, 1);
    const key = toWellFormed(`${name}`);
    return this.#list.filter((entry) => entry[0] === key).map((entry) => entry[1]);
  }
  has(name: string): boolean {
    needs("has", arguments.length, 1);
    const key = toWellFormed(`${name}`);
    return this.#list.some((entry) => entry[0] === key);
  }
  set(name: string, value: unknown, filename: string | undefined = undefined): void {
    const entry = entryOf("set", arguments.length, name, value, filename);
    const first = this.#list.findIndex((known) => known[0] === entry[0]);
    if (first === -1) this.#list.push(entry);
    else {
      this.#list = this.#list.filter((known, index) => index <= first || known[0] !== entry[0]);
      this.#list[first] = entry;
    }
  }
  forEach(callback: (value: FormDataValue, name: string, form: FormData) => void, thisArg?: unknown): void {
    if (typeof callback !== "function") throw new TypeError("FormData.forEach needs a function");
    for (let index = 0; index < this.#list.length; index++) {
      const [name, value] = this.#list[index]!;
      callback.call(thisArg, value, name, this);
    }
  }
  keys(): PairIterator<string> {
    return iterators.keys(this.#pairs);
  }
  values(): PairIterator<FormDataValue> {
    return iterators.values(this.#pairs);
  }
  entries(): PairIterator<[string, FormDataValue]> {
    return iterators.entries(this.#pairs);
  }
  declare [Symbol.iterator]: () => PairIterator<[string, FormDataValue]>;
}
asInterface(FormData, "FormData");
Object.defineProperty(FormData.prototype, Symbol.iterator, {
  value: FormData.prototype.entries,
  writable: true,
  configurable: true,
});

/** @param boundary From the content type. Undefined when the bytes are no such form. */
export function parseMultipart(bytes: Uint8Array, boundary: string): FormData | undefined {
  const parts = parseParts(bytes, boundary);
  if (parts === undefined) return undefined;
  const form = new FormData();
  for (const part of parts) {
    const { name, filename, type = "", content } = part;
    const value =
      filename === undefined ? utf8Decode(content, false) : new blobs.File([content], filename, { type });
    listOf(form).push([name, value ?? ""]);
  }
  return form;
}

export function serializeMultipart(form: FormData, boundary: string): Uint8Array<ArrayBuffer> {
  return serializeParts(
    listOf(form).map(([name, value]) =>
      typeof value === "string"
        ? { name, content: utf8Encode(value.replace(/\r\n?|\n/g, "\r\n")) }
        : { name, filename: value.name, type: value.type, content: blobs.blobBytes(value) },
    ),
    boundary,
  );
}

function needs(method: string, given: number, wanted: number): void {
  if (given < wanted)
    throw new TypeError(`FormData.${method} needs ${wanted} argument${wanted > 1 ? "s" : ""}`);
}

function entryOf(
  method: string,
  given: number,
  name: string,
  value: unknown,
  filename: string | undefined,
): [string, FormDataValue] {
  needs(method, given, 2);
  if (given > 2 && !(value instanceof blobs.Blob)) {
    throw new TypeError(`FormData.${method} takes a filename only with a Blob`);
  }
  const key = toWellFormed(`${name}`);
  if (!(value instanceof blobs.Blob)) return [key, toWellFormed(`${value as string}`)];
  if (value instanceof blobs.File && filename === undefined) return [key, value];
  const options = value instanceof blobs.File ? { lastModified: value.lastModified } : {};
  const fileName = filename === undefined ? "blob" : `${filename}`;
  return [key, blobs.fileOf(value, fileName, { type: value.type, ...options })];
}

showAs(FormData.prototype, (form) => {
  const shown: Record<string, FormDataValue | FormDataValue[]> = {};
  for (const name of new Set(form.keys())) {
    const values = form.getAll(name);
    shown[name] = values.length === 1 ? values[0]! : values;
  }
  return shown;
});
