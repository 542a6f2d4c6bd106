import { unavailableModule } from "./internal/unavailable-module.ts";

export default unavailableModule(
  "tls",
  "an isolate has no sockets: use fetch",
  [
    "connect",
    "createServer",
    "createSecureContext",
    "checkServerIdentity",
    "Server",
    "TLSSocket",
    "SecureContext",
  ],
  {
    DEFAULT_MIN_VERSION: "TLSv1.2",
    DEFAULT_MAX_VERSION: "TLSv1.3",
    rootCertificates: [],
    getCiphers: () => [],
    CLIENT_RENEG_LIMIT: 3,
    CLIENT_RENEG_WINDOW: 600,
  },
);
