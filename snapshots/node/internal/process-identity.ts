import { invalidArgType, nodeError, outOfRange } from "./errors.ts";

/** Lambda's user, the only one that there is. */
export const userId = 993;
export const groupId = 990;
export const userName = "sbx_user1051";
const others: Readonly<Record<string, number>> = { root: 0, nobody: 65534 };

type Credential = "User" | "Group";

/** A credential as a number. @throws {TypeError} It is none. @throws {Error} There is none of that name. */
function identifier(value: unknown, name: string, kind: Credential): number {
  if (typeof value === "number") {
    if (!Number.isInteger(value)) throw outOfRange(name, "an integer", value);
    if (value < 0 || value > 4294967295) throw outOfRange(name, ">= 0 && <= 4294967295", value);
    return value;
  }
  if (typeof value !== "string") throw invalidArgType(name, "one of type number or string", value);
  if (value === userName) return kind === "User" ? userId : groupId;
  if (Object.hasOwn(others, value)) return others[value]!;
  throw nodeError(Error, "ERR_UNKNOWN_CREDENTIAL", `${kind} identifier does not exist: ${value}`);
}

function refuse(call: string): never {
  throw Object.assign(new Error(`EPERM, Operation not permitted: ${call}`), {
    code: "EPERM",
    errno: -1,
    syscall: call,
  });
}

/** Becoming who one is already is the only change that works. */
const become = (call: string, kind: Credential) => (id: unknown) => {
  if (identifier(id, "id", kind) !== (kind === "User" ? userId : groupId)) refuse(call);
};

export const identity = {
  getuid: () => userId,
  geteuid: () => userId,
  getgid: () => groupId,
  getegid: () => groupId,
  getgroups: () => [groupId],
  setuid: become("setuid", "User"),
  seteuid: become("seteuid", "User"),
  setgid: become("setgid", "Group"),
  setegid: become("setegid", "Group"),
  setgroups(groups: unknown): void {
    if (!Array.isArray(groups)) throw invalidArgType("groups", "an instance of Array", groups);
    const ids = groups.map((group, index) => identifier(group, `groups[${index}]`, "Group"));
    if (ids.some((id) => id !== groupId)) refuse("setgroups");
  },
  initgroups(user: unknown, extraGroup: unknown): void {
    for (const [value, name] of [
      [user, "user"],
      [extraGroup, "extraGroup"],
    ] as const) {
      if (typeof value !== "number" && typeof value !== "string") {
        throw invalidArgType(name, "one of type number or string", value);
      }
    }
    if (identifier(extraGroup, "extraGroup", "Group") !== groupId) refuse("initgroups");
    if (identifier(user, "user", "User") !== userId) refuse("initgroups");
  },
};
