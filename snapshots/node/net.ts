import { unavailableModule } from "./internal/unavailable-module.ts";

const octet = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const v4 = new RegExp(`^${octet}(?:\\.${octet}){3}$`);

const isIPv4 = (input: unknown): boolean => v4.test(`${input}`);

/** Groups, at most one `::`, at the end perhaps an IPv4 address, then perhaps a zone. */
function isIPv6(input: unknown): boolean {
  const [address = "", zone, ...more] = `${input}`.split("%");
  if (more.length > 0 || zone === "" || (zone !== undefined && !/^[0-9a-zA-Z\-.:]+$/.test(zone)))
    return false;
  const halves = address.split("::");
  if (halves.length > 2) return false;
  const groups = halves.map((half) => (half === "" ? [] : half.split(":")));
  const all = groups.flat();
  let count = all.length;
  for (const [index, group] of all.entries()) {
    if (index === all.length - 1 && group.includes(".")) {
      // An IPv4 tail must really be the address's end.
      if (!isIPv4(group) || address.endsWith("::")) return false;
      count++;
    } else if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return false;
  }
  return halves.length === 2 ? count < 8 : count === 8;
}

const isIP = (input: unknown): 0 | 4 | 6 => (isIPv4(input) ? 4 : isIPv6(input) ? 6 : 0);
const instead = "an isolate has no sockets: use fetch, and a function URL to be called";

/** Importable, for `instanceof` and `extends`; a connection is refused. */
class Socket {
  connect(): never {
    throw socketRefusal();
  }
}
class Server {
  listen(): never {
    throw socketRefusal();
  }
}
const refusals = unavailableModule("net", instead, [
  "connect",
  "createConnection",
  "createServer",
  "BlockList",
  "SocketAddress",
]);
const socketRefusal = (): unknown => {
  try {
    return (refusals["connect"] as () => never)();
  } catch (error) {
    return error;
  }
};

export default {
  ...refusals,
  Socket,
  Stream: Socket,
  Server,
  isIP,
  isIPv4,
  isIPv6,
  getDefaultAutoSelectFamily: () => true,
  setDefaultAutoSelectFamily() {},
  getDefaultAutoSelectFamilyAttemptTimeout: () => 250,
  setDefaultAutoSelectFamilyAttemptTimeout() {},
};
