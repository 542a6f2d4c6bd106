import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadConfig, refuseUnsafeListening, variableName } from "../../src/config-load.ts";

let cwd: string;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "brisk-config-"));
});

afterEach(() => rm(cwd, { recursive: true, force: true }));

test("without anything the defaults hold, and the data folder is absolute", async () => {
  expect(await loadConfig({ cwd })).toMatchObject({
    port: 9000,
    host: "127.0.0.1",
    dataDir: join(cwd, ".brisk"),
    region: "us-east-1",
    accountId: "000000000000",
    auth: "none",
  });
});

test("flags win over variables, variables over the file, the file over defaults", async () => {
  await writeFile(
    join(cwd, "brisk.config.json"),
    '{"port":1,"region":"eu-west-1","maxConcurrency":5,"host":"::1"}',
  );
  const config = await loadConfig({
    cwd,
    env: { BRISK_PORT: "2", BRISK_MAX_CONCURRENCY: "6" },
    flags: { port: { flag: "--port", value: "3" } },
  });
  expect(config).toMatchObject({ port: 3, maxConcurrency: 6, region: "eu-west-1", host: "::1" });
});

test("variables carry lists and booleans", async () => {
  const config = await loadConfig({
    cwd,
    env: {
      BRISK_DOMAIN: "a.example, b.example",
      BRISK_EGRESS_ALLOW: "10.0.0.0/8",
      BRISK_TRUST_FORWARDED: "true",
    },
  });
  expect(config).toMatchObject({
    domains: ["a.example", "b.example"],
    egressAllow: ["10.0.0.0/8"],
    trustForwarded: true,
  });
});

test("a data folder in the file is relative to the file", async () => {
  const file = join(cwd, "other.json");
  await writeFile(file, '{"dataDir":"state"}');
  expect((await loadConfig({ cwd: tmpdir(), file })).dataDir).toBe(join(cwd, "state"));
});

test("how functions start is a flag, a variable and a member of the file", async () => {
  expect(await loadConfig({ cwd })).toMatchObject({ snapstart: "published", startStrategy: "code-cache" });
  await writeFile(join(cwd, "brisk.config.json"), '{"startStrategy":"init"}');
  const env = { BRISK_SNAPSTART: "off" };
  expect(await loadConfig({ cwd, env })).toMatchObject({ snapstart: "off", startStrategy: "init" });
  const flags = { snapstart: { flag: "--snapstart", value: "always" } };
  await expect(loadConfig({ cwd, env, flags })).rejects.toThrow(
    'setting "snapstart" is "always" in --snapstart',
  );
});

test("every wrong setting is named with its value and its source", async () => {
  await writeFile(join(cwd, "brisk.config.json"), '{"accountId":"12","prot":1}');
  const loading = loadConfig({
    cwd,
    env: { BRISK_PORT: "many" },
    flags: { region: { flag: "--region", value: "mars" } },
  });
  await expect(loading).rejects.toThrow('setting "port" is "many" in BRISK_PORT: ');
  await expect(loading).rejects.toThrow(
    'setting "region" is "mars" in --region: a region looks like us-east-1',
  );
  await expect(loading).rejects.toThrow(`setting "accountId" is "12" in ${join(cwd, "brisk.config.json")}: `);
  await expect(loading).rejects.toThrow(`unknown setting "prot" in ${join(cwd, "brisk.config.json")}`);
});

test("a file that was named must be there and be JSON", async () => {
  await expect(loadConfig({ cwd, file: "none.json" })).rejects.toThrow("none.json: no such file");
  await writeFile(join(cwd, "bad.json"), "{");
  await expect(loadConfig({ cwd, file: "bad.json" })).rejects.toThrow("bad.json is not JSON");
});

test("without authentication only loopback is listened on", () => {
  for (const host of ["127.0.0.1", "127.1.2.3", "localhost", "::1", "[::1]"]) {
    expect(() => refuseUnsafeListening({ auth: "none", host })).not.toThrow();
  }
  for (const host of ["0.0.0.0", "::", "192.168.1.2", "example.org", "127.0.0.1.example.org"]) {
    expect(() => refuseUnsafeListening({ auth: "none", host })).toThrow("is not a loopback address");
  }
  expect(() => refuseUnsafeListening({ auth: "none", host: "0.0.0.0" })).toThrow("--auth sigv4");
  expect(() => refuseUnsafeListening({ auth: "sigv4", host: "0.0.0.0" })).not.toThrow();
});

test("a setting's variable is its name in capitals", () => {
  expect(variableName("maxConcurrency")).toBe("BRISK_MAX_CONCURRENCY");
  expect(variableName("dataDir")).toBe("BRISK_DATA");
  expect(variableName("domains")).toBe("BRISK_DOMAIN");
});

test("no file opens functions to debuggers", async () => {
  await writeFile(join(cwd, "brisk.config.json"), '{"dev":true,"inspect":{"port":9229}}');
  await expect(loadConfig({ cwd })).rejects.toThrow("opens functions to debuggers (inspect)");
});

test("a master key is a variable and no member of the file; its file is relative to where it is named", async () => {
  expect(await loadConfig({ cwd, env: { BRISK_MASTER_KEY: "key" } })).toMatchObject({ masterKey: "key" });
  await writeFile(join(cwd, "brisk.config.json"), '{"masterKey":"hunter2"}');
  const loading = loadConfig({ cwd });
  await expect(loading).rejects.toThrow("holds a master key: give it as BRISK_MASTER_KEY");
  await expect(loading).rejects.not.toThrow("hunter2");
  await mkdir(join(cwd, "conf"));
  const file = join(cwd, "conf", "brisk.json");
  await writeFile(file, '{"masterKeyFile":"master.key"}');
  expect(await loadConfig({ cwd, file })).toMatchObject({ masterKeyFile: join(cwd, "conf", "master.key") });
});
