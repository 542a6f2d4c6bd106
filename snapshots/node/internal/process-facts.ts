import { callSync } from "../../bridge.ts";
import { processState } from "../../process-state.ts";

/** A release of each runtime, which Lambda updates too; packages compare its major number. The newest has no codename yet. */
const releases: Readonly<
  Record<string, readonly [version: string, codename: string | undefined, modules: string, v8: string]>
> = {
  "nodejs18.x": ["18.20.8", "Hydrogen", "108", "10.2.154.26-node.36"],
  "nodejs20.x": ["20.19.5", "Iron", "115", "11.3.244.8-node.30"],
  "nodejs22.x": ["22.20.0", "Jod", "127", "12.4.254.21-node.33"],
  "nodejs24.x": ["24.9.0", "Krypton", "137", "13.6.233.10-node.26"],
  "nodejs26.x": ["26.10.0", undefined, "147", "14.6.202.34-node.34"],
};
const [nodeVersion, codename, modules, v8] = releases[processState.runtime] ?? releases["nodejs24.x"]!;

export const version = `v${nodeVersion}`;

export const versions = Object.freeze({
  node: nodeVersion,
  acorn: "8.15.0",
  ada: "3.3.0",
  ares: "1.34.5",
  brotli: "1.1.0",
  cldr: "47.0",
  icu: "77.1",
  llhttp: "9.3.0",
  modules,
  napi: "10",
  nghttp2: "1.66.0",
  /** The host's: what node:crypto can do depends on it, and programs ask. */
  get openssl(): string {
    return callSync("crypto.openssl") as string;
  },
  simdjson: "3.13.0",
  simdutf: "6.0.3",
  tz: "2025b",
  undici: "7.16.0",
  unicode: "16.0",
  uv: "1.51.0",
  uvwasi: "0.0.23",
  v8,
  zlib: "1.3.1",
  zstd: "1.5.7",
});

export const release = {
  name: "node",
  ...(codename === undefined ? {} : { lts: codename }),
  sourceUrl: `https://nodejs.org/download/release/${version}/node-${version}.tar.gz`,
  headersUrl: `https://nodejs.org/download/release/${version}/node-${version}-headers.tar.gz`,
};

export const features = {
  inspector: false,
  debug: false,
  uv: true,
  ipv6: true,
  openssl_is_boringssl: false,
  tls_alpn: true,
  tls_sni: true,
  tls_ocsp: true,
  tls: true,
  cached_builtins: true,
  quic: false,
  require_module: true,
  typescript: false,
};

/** How Node would have been built, as far as packages ask. */
export const config = Object.freeze({
  target_defaults: Object.freeze({
    cflags: [],
    default_configuration: "Release",
    defines: [],
    include_dirs: [],
    libraries: [],
  }),
  variables: Object.freeze({
    asan: 0,
    host_arch: "x64",
    napi_build_version: versions.napi,
    node_builtin_shareable_builtins: [],
    node_module_version: Number(versions.modules),
    node_shared: false,
    node_use_openssl: true,
    target_arch: "x64",
    v8_enable_i18n_support: 1,
  }),
});

/** Of Amazon Linux 2 and 2023: which build of a package fits is told by it. */
const glibc = processState.runtime === "nodejs18.x" ? "2.26" : "2.34";

export const report = {
  compact: false,
  excludeNetwork: false,
  /** What a diagnostic report begins with. The rest of one would be the host's affairs. */
  getReport: () => ({
    header: {
      reportVersion: 5,
      nodejsVersion: version,
      wordSize: 64,
      platform: "linux",
      glibcVersionRuntime: glibc,
      glibcVersionCompiler: glibc,
      componentVersions: { ...versions },
      release: { ...release },
    },
    sharedObjects: [],
  }),
};
