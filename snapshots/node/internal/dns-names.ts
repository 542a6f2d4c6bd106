export const dnsInstead = "names are resolved by the host when a function uses fetch";

export const dnsFunctions = [
  "lookup",
  "lookupService",
  "resolve",
  "resolve4",
  "resolve6",
  "resolveAny",
  "resolveCname",
  "resolveMx",
  "resolveNs",
  "resolveSrv",
  "resolveTxt",
  "reverse",
  "Resolver",
] as const;

export const dnsConstants = {
  ADDRCONFIG: 32,
  V4MAPPED: 8,
  ALL: 16,
  NODATA: "ENODATA",
  NOTFOUND: "ENOTFOUND",
  SERVFAIL: "ESERVFAIL",
  getServers: () => [] as string[],
  setServers() {},
  getDefaultResultOrder: () => "verbatim",
  setDefaultResultOrder() {},
};
