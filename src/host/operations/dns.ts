import { defineRemoteOperation, integer, oneOf, string } from "../operation.ts";

const name = string(255);
const address = string(64);
/** Servers and patience, as JSON. */
const resolver = string(1024);

/** Questions about names: asked by the supervisor under its egress policy. */
export const dnsOperations = [
  defineRemoteOperation({ name: "dns.lookup", args: [name], replay: "taped" }),
  defineRemoteOperation({
    name: "dns.resolve",
    args: [
      oneOf("A", "AAAA", "ANY", "CAA", "CNAME", "MX", "NAPTR", "NS", "PTR", "SOA", "SRV", "TLSA", "TXT"),
      name,
      resolver,
    ],
    replay: "taped",
  }),
  defineRemoteOperation({ name: "dns.reverse", args: [address, resolver], replay: "taped" }),
  defineRemoteOperation({ name: "dns.service", args: [address, integer(0, 65_535)], replay: "taped" }),
];
