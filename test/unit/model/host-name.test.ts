import { expect, test } from "vitest";
import { isLoopback } from "../../../src/model/host-name.ts";

test.each(["127.0.0.1", "127.255.255.254", "localhost", "LocalHost", "::1", "[::1]"])(
  "only this machine reaches %s",
  (host) => expect(isLoopback(host)).toBe(true),
);

test.each([
  "0.0.0.0",
  "::",
  "[::]",
  "10.0.0.1",
  "127.0.0.256",
  "127.1",
  "127.0.0.1.example.org",
  "localhost.example.org",
  "::1%eth0",
  "",
])("others may reach %s", (host) => expect(isLoopback(host)).toBe(false));
