import { callSync } from "../../../bridge.ts";

type Entry = readonly [errno: number, entry: readonly [code: string, message: string]];

/** libuv's errors as the host's Node has them. The environment is Linux, and so is the host. */
const errors = new Map(JSON.parse(callSync("system.errors") as string) as Entry[]);
const numbers = new Map([...errors].map(([errno, [code]]) => [`UV_${code}`, errno]));

export const getErrorMap = (): ReadonlyMap<number, readonly [string, string]> => new Map(errors);
export const errname = (errno: number): string => errors.get(errno)?.[0] ?? `Unknown system error ${errno}`;
export const getErrorMessage = (errno: number): string =>
  errors.get(errno)?.[1] ?? `Unknown system error ${errno}`;

export const UV_EOF = numbers.get("UV_EOF");
export const UV_EINVAL = numbers.get("UV_EINVAL");
export const UV_ENOSYS = numbers.get("UV_ENOSYS");
export const UV_ENOENT = numbers.get("UV_ENOENT");
export const UV_ENOTSOCK = numbers.get("UV_ENOTSOCK");
export const UV_EADDRINUSE = numbers.get("UV_EADDRINUSE");
export const UV_ECANCELED = numbers.get("UV_ECANCELED");
export const UV_EAI_MEMORY = numbers.get("UV_EAI_MEMORY");
export const UV_EAI_NODATA = numbers.get("UV_EAI_NODATA");
export const UV_EAI_NONAME = numbers.get("UV_EAI_NONAME");
export const UV_EBADF = numbers.get("UV_EBADF");
export const UV_ENOTCONN = numbers.get("UV_ENOTCONN");
export const UV_ETIMEDOUT = numbers.get("UV_ETIMEDOUT");
export const UV_EPIPE = numbers.get("UV_EPIPE");
export const UV_ECONNRESET = numbers.get("UV_ECONNRESET");
