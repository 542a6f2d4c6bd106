import { getErrorMap } from "../bindings/uv.ts";

let numbers: ReadonlyMap<string, number> | undefined;

/** libuv's number of an error; undefined for one that is not the system's, such as EGRESS_DENIED. */
export function errnoOf(code: string): number | undefined {
  numbers ??= new Map([...getErrorMap()].map(([errno, [name]]) => [name, errno]));
  return numbers.get(code);
}
