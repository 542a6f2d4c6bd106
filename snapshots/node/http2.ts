import { unavailableModule } from "./internal/unavailable-module.ts";

export default unavailableModule(
  "http2",
  "use fetch or node:https, which speak HTTP/1.1",
  ["connect", "createServer", "createSecureServer", "getDefaultSettings", "performServerHandshake"],
  {
    constants: {
      HTTP2_HEADER_AUTHORITY: ":authority",
      HTTP2_HEADER_METHOD: ":method",
      HTTP2_HEADER_PATH: ":path",
      HTTP2_HEADER_SCHEME: ":scheme",
      HTTP2_HEADER_STATUS: ":status",
      HTTP2_HEADER_CONTENT_TYPE: "content-type",
      HTTP2_HEADER_CONTENT_LENGTH: "content-length",
      NGHTTP2_NO_ERROR: 0,
      NGHTTP2_CANCEL: 8,
      NGHTTP2_REFUSED_STREAM: 7,
    },
    sensitiveHeaders: Symbol("sensitiveHeaders"),
    Http2ServerRequest: class Http2ServerRequest {},
    Http2ServerResponse: class Http2ServerResponse {},
  },
);
