import { expect, test } from "vitest";
import { UrlHosts } from "../../../../src/http/function-url/url-hosts.ts";

const id = "abcdefghijklmnopqrstuvwxyz012345";
const hosts = new UrlHosts({ region: "eu-west-1", domains: ["Fn.Example.com."] });

test.each([
  `${id}.lambda-url.eu-west-1.localhost`,
  `${id}.lambda-url.eu-west-1.localhost:9000`,
  `${id.toUpperCase()}.Lambda-Url.EU-west-1.LOCALHOST.:9000`,
  `${id}.lambda-url.eu-west-1.localhost.`,
  `${id}.fn.example.com`,
  `${id}.lambda-url.eu-west-1.fn.example.com:80`,
])("%s names the URL", (host) => {
  expect(hosts.match(host)?.urlId).toBe(id);
  expect(hosts.match(host)?.domainName).toMatch(/^[a-z0-9.-]+$/);
});

test.each([
  "",
  "localhost:9000",
  "127.0.0.1",
  "[::1]:9000",
  `${id}.lambda-url.us-east-1.localhost`,
  `${id}.example.com`,
  `${id}.fn.example.com.evil.com`,
  `x${id}.fn.example.com`,
  `${id.slice(1)}.fn.example.com`,
  `a.${id}.fn.example.com`,
  `${"é".repeat(32)}.fn.example.com`,
  `${"-".repeat(32)}.fn.example.com`,
  `${id}.fn.example.com..`,
  `${id}:9000.fn.example.com`,
  `${id}.${"a".repeat(10_000)}`,
])("%s does not", (host) => {
  expect(hosts.match(host)).toBeUndefined();
});
