import { callSync } from "../bridge.ts";
import { processState } from "../process-state.ts";

const bytes = () => processState.memorySizeMb * 1024 * 1024;

const signals = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
};

/** What a function sees of its machine: one CPU, its own memory size, nothing of the host. */
export default {
  EOL: "\n",
  devNull: "/dev/null",
  arch: () => "x64",
  machine: () => "x86_64",
  platform: () => "linux",
  type: () => "Linux",
  release: () => "5.10.0",
  version: () => "#1 SMP",
  endianness: () => "LE",
  hostname: () => "169.254.100.1",
  homedir: () => "/home/sbx_user1051",
  tmpdir: () => "/tmp",
  userInfo: () => ({
    uid: 993,
    gid: 990,
    username: "sbx_user1051",
    homedir: "/home/sbx_user1051",
    shell: "/sbin/nologin",
  }),
  cpus: () => [{ model: "isolate", speed: 0, times: { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 } }],
  availableParallelism: () => 1,
  loadavg: () => [0, 0, 0],
  totalmem: bytes,
  freemem: bytes,
  uptime: () => (callSync("clock.monotonic") as number) / 1000,
  networkInterfaces: () => ({}),
  getPriority: () => 0,
  setPriority() {},
  constants: {
    signals,
    errno: {},
    priority: {
      PRIORITY_LOW: 19,
      PRIORITY_BELOW_NORMAL: 10,
      PRIORITY_NORMAL: 0,
      PRIORITY_ABOVE_NORMAL: -7,
      PRIORITY_HIGH: -14,
      PRIORITY_HIGHEST: -20,
    },
    dlopen: {},
    UV_UDP_REUSEADDR: 4,
  },
};
