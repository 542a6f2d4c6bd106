import { unavailableModule } from "../internal/unavailable-module.ts";
import { dnsConstants, dnsFunctions, dnsInstead } from "../internal/dns-names.ts";

export default unavailableModule("dns/promises", dnsInstead, dnsFunctions, { ...dnsConstants });
