import { expect, test } from "vitest";
import { AttachedPolicies } from "../../../src/access/attached-policies.ts";
import { Credentials } from "../../../src/access/credentials.ts";
import { GuestCredentials } from "../../../src/access/guest-credentials.ts";
import type { Role } from "../../../src/access/roles.ts";
import { SessionTokens } from "../../../src/access/session-tokens.ts";

const accountId = "000000000000";
const role: Role = {
  name: "worker",
  arn: `arn:aws:iam::${accountId}:role/worker`,
  roleId: "AROAEXAMPLEEXAMPLE23",
  createdMs: 0,
  attached: new AttachedPolicies([{ name: "AWSLambdaRole" }]),
};
const fn = {
  functionName: "hello",
  functionArn: `arn:aws:lambda:us-east-1:${accountId}:function:hello`,
  role: role.arn,
  environmentVariables: {},
};

function setUp(roles: Role[] = [role], installationKey = new Uint8Array(32)) {
  const time = { ms: Date.UTC(2026, 0, 1) };
  const clock = { now: () => time.ms, monotonicMs: () => 0 };
  const tokens = new SessionTokens(installationKey);
  const credentials = new Credentials({
    keys: { find: () => undefined },
    roles: { findById: (id) => roles.find((one) => one.roleId === id) },
    tokens,
    accountId,
    clock,
  });
  const guests = new GuestCredentials({
    roles: { findByArn: (arn) => roles.find((one) => one.arn === arn) },
    tokens,
    clock,
    endpoint: "http://api.test",
  });
  return { time, roles, tokens, credentials, guests };
}

function issued(guests: GuestCredentials) {
  const { variables } = guests.issue(fn);
  return {
    id: variables["AWS_ACCESS_KEY_ID"] ?? "",
    secret: variables["AWS_SECRET_ACCESS_KEY"] ?? "",
    token: variables["AWS_SESSION_TOKEN"] ?? "",
    expiration: variables["AWS_CREDENTIAL_EXPIRATION"] ?? "",
  };
}

test("credentials of a role are its session's, with the role's policies", () => {
  const { guests, credentials } = setUp();
  const { id, secret, token, expiration } = issued(guests);
  expect(id).toMatch(/^ASIA[A-Z2-7]{16}$/);
  expect(secret).toMatch(/^[A-Za-z0-9+/]{40}$/);
  expect(expiration).toBe("2026-01-01T01:00:00.000Z");
  expect(credentials.find(id, token)).toEqual({
    accessKeyId: id,
    secretAccessKey: secret,
    principal: {
      caller: {
        kind: "identity",
        accountId,
        arn: `arn:aws:sts::${accountId}:assumed-role/worker/hello`,
        principalArn: role.arn,
        isRoot: false,
      },
      type: "AssumedRole",
      userId: "AROAEXAMPLEEXAMPLE23:hello",
      userName: undefined,
      policies: role.attached.policies,
      sourceFunctionArn: fn.functionArn,
    },
  });
  expect(issued(guests)).not.toEqual({ id, secret, token, expiration });
});

test("they stay good over a restart, and end with their hour or with their role", () => {
  const { guests, credentials, time, roles } = setUp();
  const { id, token } = issued(guests);
  expect(setUp().credentials.find(id, token).accessKeyId).toBe(id);
  time.ms += 60 * 60_000 - 1;
  expect(credentials.find(id, token).accessKeyId).toBe(id);
  time.ms += 1;
  expect(() => credentials.find(id, token)).toThrow("The security token included in the request is expired");
  time.ms -= 60_000;
  roles.splice(0, 1, { ...role, roleId: "AROAANOTHERANOTHER23" });
  expect(() => credentials.find(id, token)).toThrow("The security token included in the request is invalid.");
});

test("a token is worth nothing with another key, without one, changed, or elsewhere", () => {
  const { guests, credentials, tokens } = setUp();
  const { id, token } = issued(guests);
  const invalid = "The security token included in the request is invalid.";
  expect(() => credentials.find("ASIAOTHEROTHEROTHER2", token)).toThrow(invalid);
  expect(() => credentials.find(id, undefined)).toThrow(invalid);
  expect(() => setUp([role], new Uint8Array(32).fill(1)).credentials.find(id, token)).toThrow(invalid);
  const [body = "", mac = ""] = token.split(".");
  const claims = JSON.parse(Buffer.from(body, "base64url").toString());
  const forged = Buffer.from(JSON.stringify({ ...claims, e: claims.e + 1 })).toString("base64url");
  for (const bad of [
    `${forged}.${mac}`,
    body,
    `${body}.`,
    `${body}.${mac}.`,
    `.${mac}`,
    "",
    ".",
    "x".repeat(5000),
  ]) {
    expect(tokens.open(bad)).toBeUndefined();
  }
  // A change of any character, but for the last: some of its bits are none of the MAC's.
  for (let i = 0; i < token.length - 1; i++) {
    const changed = token.slice(0, i) + (token[i] === "A" ? "B" : "A") + token.slice(i + 1);
    expect(tokens.open(changed)).toBeUndefined();
  }
});

test("the secret does not follow from what its holder shows", () => {
  const { guests } = setUp();
  const { secret, token } = issued(guests);
  expect(token).not.toContain(secret);
  expect(Buffer.from(token, "base64url").toString("latin1")).not.toContain(secret);
});

test("a role that is not here gives nothing, and is asked for again soon", () => {
  const { guests } = setUp([]);
  expect(guests.issue(fn)).toEqual({ variables: {}, renewAfterMs: 60_000 });
});

test("the endpoint is this server, unless the function's own variables say otherwise", () => {
  const { guests } = setUp();
  const endpoint = (environmentVariables: Record<string, string>) =>
    guests.issue({ ...fn, environmentVariables }).variables["AWS_ENDPOINT_URL_LAMBDA"];
  expect(endpoint({})).toBe("http://api.test");
  expect(endpoint({ AWS_ENDPOINT_URL: "https://elsewhere" })).toBeUndefined();
  expect(endpoint({ AWS_ENDPOINT_URL_LAMBDA: "https://elsewhere" })).toBeUndefined();
});
