/** What options of Node's command line are unless somebody says otherwise, as far as that is not nothing. */
const defaults: Readonly<Record<string, unknown>> = {
  "--network-family-autoselection": true,
  "--network-family-autoselection-attempt-timeout": 250,
  "--max-http-header-size": 16 * 1024,
  "--tls-cipher-list":
    "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:ECDHE-RSA-AES128-GCM-SHA256:" +
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES256-GCM-SHA384:" +
    "DHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-SHA256:DHE-RSA-AES128-SHA256:ECDHE-RSA-AES256-SHA384:" +
    "DHE-RSA-AES256-SHA384:ECDHE-RSA-AES256-SHA256:DHE-RSA-AES256-SHA256:HIGH:!aNULL:!eNULL:!EXPORT:!DES:" +
    "!RC4:!MD5:!PSK:!SRP:!CAMELLIA",
};

/** Node's command line: an environment has none. */
export const getOptionValue = (name: string): unknown => defaults[name];
export const getEmbedderOptions = (): object => ({});
export const getAllowUnauthorized = (): boolean => false;
export const refreshOptions = (): void => {};
