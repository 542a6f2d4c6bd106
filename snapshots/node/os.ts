import { callSync } from "../bridge.ts";
import { processState } from "../process-state.ts";
import { requireNode } from "../registry.ts";
import { invalidArgType, nodeError, outOfRange } from "./internal/errors.ts";
import { osConstants } from "./internal/os-constants.ts";
import { groupId, userId, userName } from "./internal/process-identity.ts";

const bytes = () => processState.memorySizeMb * 1024 * 1024;
const home = `/home/${userName}`;
const ownPid = 1;

function userInfo(options?: { encoding?: string }) {
  const { Buffer } = requireNode("buffer") as { Buffer: { from(text: string): Uint8Array } };
  const text = (value: string) => (options?.encoding === "buffer" ? Buffer.from(value) : value);
  return {
    uid: userId,
    gid: groupId,
    username: text(userName),
    homedir: text(home),
    shell: text("/sbin/nologin"),
  };
}

/** As Node looks for it: the variables in their order, without a slash at the end. */
function tmpdir(): string {
  const { TMPDIR, TMP, TEMP } = processState.variables;
  const path = TMPDIR || TMP || TEMP || "/tmp";
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

function checkInteger(value: unknown, name: string, least: number, most: number): void {
  if (typeof value !== "number") throw invalidArgType(name, "of type number", value);
  if (!Number.isInteger(value)) throw outOfRange(name, "an integer", value);
  if (value < least || value > most) throw outOfRange(name, `>= ${least} && <= ${most}`, value);
}

function checkPid(pid: unknown, call: string): void {
  checkInteger(pid, "pid", -2147483648, 2147483647);
  if (pid === 0 || pid === ownPid) return;
  const message = `A system error occurred: uv_os_${call} returned ESRCH (no such process)`;
  const info = { errno: -3, code: "ESRCH", message: "no such process", syscall: `uv_os_${call}` };
  throw Object.assign(nodeError(Error, "ERR_SYSTEM_ERROR", message), { name: "SystemError", info });
}

/** What the function asked for. Its turns run when its host has time for them. */
let priority = 0;

function getPriority(pid: unknown = 0): number {
  checkPid(pid, "getpriority");
  return priority;
}

function setPriority(pid: unknown, wanted?: unknown): void {
  const [of, value] = wanted === undefined ? [0, pid] : [pid, wanted];
  checkInteger(of, "pid", -2147483648, 2147483647);
  checkInteger(value, "priority", -20, 19);
  checkPid(of, "setpriority");
  priority = value as number;
}

const loopback = {
  address: "127.0.0.1",
  netmask: "255.0.0.0",
  family: "IPv4",
  mac: "00:00:00:00:00:00",
  internal: true,
  cidr: "127.0.0.1/8",
};

const members = {
  arch: () => "x64",
  availableParallelism: () => 1,
  cpus: () => [{ model: "isolate", speed: 0, times: { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 } }],
  endianness: () => "LE",
  freemem: bytes,
  getPriority,
  homedir: () => processState.variables["HOME"] || home,
  hostname: () => "169.254.100.1",
  loadavg: () => [0, 0, 0],
  networkInterfaces: () => ({ lo: [{ ...loopback }] }),
  platform: () => "linux",
  release: () => "5.10.0",
  setPriority,
  tmpdir,
  totalmem: bytes,
  type: () => "Linux",
  userInfo,
  uptime: () => (callSync("clock.monotonic") as number) / 1000,
  version: () => "#1 SMP",
  machine: () => "x86_64",
};

/** In strings these say what they return, which code relies on. */
for (const name of [
  "arch",
  "availableParallelism",
  "endianness",
  "freemem",
  "homedir",
  "hostname",
  "platform",
  "release",
  "tmpdir",
  "totalmem",
  "type",
  "uptime",
  "version",
  "machine",
] as const) {
  const member = members[name];
  Object.defineProperty(member, Symbol.toPrimitive, { value: member, configurable: true });
}

/** What a function sees of its machine: one CPU, its own memory size, nothing of the host. */
export default Object.defineProperties(members, {
  constants: { value: osConstants, enumerable: true },
  EOL: { value: "\n", enumerable: true, configurable: true },
  devNull: { value: "/dev/null", enumerable: true, configurable: true },
}) as typeof members & { constants: typeof osConstants; EOL: string; devNull: string };
