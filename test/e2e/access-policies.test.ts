import {
  AddPermissionCommand,
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  GetFunctionCommand,
  InvokeCommand,
  ListFunctionsCommand,
  PublishVersionCommand,
  RemovePermissionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Sha256 } from "../../src/model/sha256.ts";
import { requestUrl } from "./server.ts";
import { account, allow, functionArn, roleArn, SignedServer } from "./signed-server.ts";

// Who may do what: users by their policies, and by those of functions.

let signed: SignedServer;
beforeAll(async () => {
  signed = await SignedServer.start();
  const echo = "export const handler = async (event) => event;";
  await signed.server.deploy({ name: "orders", files: { "index.mjs": echo }, url: false });
  await signed.server.deploy({ name: "secrets", files: { "index.mjs": echo }, url: false });
}, 120_000);
afterAll(() => signed?.[Symbol.asyncDispose]());

/** What became of a request: `allowed`, or AWS's message. */
async function answerTo(sent: Promise<unknown>): Promise<string> {
  try {
    await sent;
    return "allowed";
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    if (name !== "AccessDeniedException") throw error;
    expect($metadata?.httpStatusCode).toBe(403);
    return message;
  }
}

const refusal = (who: string, action: string, resource: string) =>
  `User: arn:aws:iam::${account}:user/${who} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;

test("a user without policies may do nothing, whether or not it is there", async () => {
  const client = signed.lambda(await signed.newUser("nobody"));
  const invoke = (FunctionName: string) => answerTo(client.send(new InvokeCommand({ FunctionName })));
  expect(await invoke("orders")).toBe(refusal("nobody", "lambda:InvokeFunction", functionArn("orders")));
  expect(await invoke("nowhere")).toBe(refusal("nobody", "lambda:InvokeFunction", functionArn("nowhere")));
  expect(await invoke("orders:live")).toContain(`on resource: ${functionArn("orders:live")} because`);
  expect(await answerTo(client.send(new ListFunctionsCommand({})))).toBe(
    refusal("nobody", "lambda:ListFunctions", "*"),
  );
  expect(await answerTo(client.send(new GetFunctionCommand({ FunctionName: "nowhere" })))).toBe(
    refusal("nobody", "lambda:GetFunction", functionArn("nowhere")),
  );
});

test("Brisk's own requests are authorized, too, each by an action of its own", async () => {
  const nobody = await signed.newUser("watcher");
  const denied = async (argv: readonly string[]) => {
    const { exitCode, stderr } = await signed.cli(argv, nobody);
    expect(exitCode).toBe(1);
    return /not authorized to perform: (\S+) on resource: (\S+)/.exec(stderr)?.slice(1);
  };
  expect(await denied(["key", "list"])).toEqual(["brisk:ListKeys", "*"]);
  expect(await denied(["key", "create"])).toEqual(["brisk:CreateKey", `arn:aws:iam::${account}:root`]);
  expect(await denied(["key", "policy", "watcher"])).toEqual([
    "brisk:GetUserPolicies",
    `arn:aws:iam::${account}:user/watcher`,
  ]);
  expect(await denied(["key", "policy", "watcher", "--add", "AdministratorAccess"])).toEqual([
    "brisk:PutUserPolicy",
    `arn:aws:iam::${account}:user/watcher`,
  ]);
  expect(await denied(["key", "delete", signed.root.accessKeyId])).toEqual(["brisk:DeleteKey", "*"]);
  expect(await denied(["role", "list"])).toEqual(["brisk:ListRoles", "*"]);
  expect(await denied(["role", "create", "r"])).toEqual(["brisk:CreateRole", roleArn("r")]);
  expect(await denied(["role", "put-policy", "r", "AWSLambdaRole"])).toEqual([
    "brisk:PutRolePolicy",
    roleArn("r"),
  ]);
  expect(await denied(["role", "delete-policy", "r", "x"])).toEqual(["brisk:DeleteRolePolicy", roleArn("r")]);
  expect(await denied(["role", "delete", "r"])).toEqual(["brisk:DeleteRole", roleArn("r")]);
  expect(await denied(["logs", "orders"])).toEqual(["brisk:GetLogs", functionArn("orders")]);
  await signed.cli([
    "key",
    "policy",
    "watcher",
    "--add",
    await signed.policyFile("watch", allow("brisk:GetLogs")),
  ]);
  expect((await signed.cli(["logs", "orders"], nobody)).exitCode).toBe(0);
});

test("policies hold from the next request on, and what they say about resources and denials counts", async () => {
  const file = await signed.policyFile(
    "orders-only",
    allow(["lambda:InvokeFunction", "lambda:Get*"], functionArn("*")),
    { Effect: "Deny", Action: "*", Resource: functionArn("secrets*") },
  );
  const client = signed.lambda(await signed.newUser("app"));
  const invoke = (FunctionName: string) => answerTo(client.send(new InvokeCommand({ FunctionName })));
  expect(await invoke("orders")).not.toBe("allowed");
  expect((await signed.cli(["key", "policy", "app", "--add", file])).stdout).toContain("orders-only {");
  expect(await invoke("orders")).toBe("allowed");
  expect(await invoke("secrets")).toBe(
    `User: arn:aws:iam::${account}:user/app is not authorized to perform: lambda:InvokeFunction on resource: ${functionArn("secrets")} with an explicit deny in an identity-based policy`,
  );
  expect(await answerTo(client.send(new PublishVersionCommand({ FunctionName: "orders" })))).toBe(
    refusal("app", "lambda:PublishVersion", functionArn("orders")),
  );
  await signed.cli(["key", "policy", "app", "--remove", "orders-only"]);
  expect(await invoke("orders")).not.toBe("allowed");
});

test("a policy may depend on where a request comes from", async () => {
  const from = (block: string) => ({
    ...allow("lambda:*"),
    Condition: { IpAddress: { "aws:SourceIp": block } },
  });
  const client = signed.lambda(
    await signed.newUser("near", await signed.policyFile("far", from("192.0.2.0/24"))),
  );
  const list = () => answerTo(client.send(new ListFunctionsCommand({})));
  expect(await list()).not.toBe("allowed");
  await signed.cli([
    "key",
    "policy",
    "near",
    "--add",
    await signed.policyFile("near", from("127.0.0.0/8"), {
      Effect: "Deny",
      Action: "*",
      Resource: "*",
      Condition: { Bool: { "aws:SecureTransport": "true" } },
    }),
  ]);
  expect(await list()).toBe("allowed");
});

test("policies may depend on tags: those that a function has, and those that a request brings", async () => {
  const FunctionName = "tagged";
  const ofBlue = { StringEquals: { "aws:ResourceTag/Team": "blue" } };
  const onlyTeam = {
    StringEquals: { "aws:RequestTag/Team": "blue" },
    "ForAllValues:StringEquals": { "aws:TagKeys": ["Team"] },
  };
  const policy = await signed.policyFile(
    "painter",
    { ...allow(["lambda:GetFunction", "lambda:UntagResource"]), Condition: ofBlue },
    { ...allow("lambda:TagResource"), Condition: onlyTeam },
  );
  const painter = await signed.newUser("painter", policy);
  const lambda = signed.lambda(painter);
  await signed.server.deploy({
    name: FunctionName,
    files: { "index.js": "exports.handler = () => {}" },
    url: false,
  });
  const Resource = functionArn(FunctionName);
  const tag = (Tags: Record<string, string>) =>
    answerTo(lambda.send(new TagResourceCommand({ Resource, Tags })));
  const get = () => answerTo(lambda.send(new GetFunctionCommand({ FunctionName })));
  const denied = (action: string) => refusal("painter", action, Resource);
  expect(await get()).toBe(denied("lambda:GetFunction"));
  expect(await tag({ Team: "green" })).toBe(denied("lambda:TagResource"));
  expect(await tag({ Team: "blue", Owner: "me" })).toBe(denied("lambda:TagResource"));
  expect(await tag({ Team: "blue" })).toBe("allowed");
  expect(await get()).toBe("allowed");
  await lambda.send(new UntagResourceCommand({ Resource, TagKeys: ["Team"] }));
  expect(await get()).toBe(denied("lambda:GetFunction"));
});

test("whoever may not create functions is told before a large body is taken apart", async () => {
  const policy = await signed.policyFile("reader", allow("lambda:Get*"));
  const lambda = signed.lambda(await signed.newUser("reader", policy));
  const send = (body: string) => {
    const command = new CreateFunctionCommand({
      FunctionName: "mine",
      Role: roleArn("lambda-role"),
      Code: { ZipFile: Buffer.alloc(1) },
    });
    command.middlewareStack.add(
      (next) => (args) => {
        Object.assign(args.request as object, { body });
        return next(args);
      },
      { step: "build", priority: "high" },
    );
    return lambda.send(command);
  };
  // It is no JSON, and nobody found out.
  await expect(send("x".repeat(300_000))).rejects.toMatchObject({ name: "AccessDeniedException" });
  await expect(send("x".repeat(3_000))).rejects.toMatchObject({ name: "SerializationException" });
});

test("a function's own policy lets in whom it names", async () => {
  const guest = await signed.newUser("guest");
  const invoke = () => answerTo(signed.lambda(guest).send(new InvokeCommand({ FunctionName: "orders" })));
  const owner = signed.lambda();
  const permission = { FunctionName: "orders", StatementId: "guest", Action: "lambda:InvokeFunction" };
  await owner.send(new AddPermissionCommand({ ...permission, Principal: account }));
  // The whole account: that leaves it to the user's own policies.
  expect(await invoke()).not.toBe("allowed");
  await owner.send(new RemovePermissionCommand({ FunctionName: "orders", StatementId: "guest" }));
  const Principal = `arn:aws:iam::${account}:user/guest`;
  await owner.send(new AddPermissionCommand({ ...permission, Principal }));
  expect(await invoke()).toBe("allowed");
  await owner.send(new RemovePermissionCommand({ FunctionName: "orders", StatementId: "guest" }));
});

test("a role is given to a function by whoever may pass it on", async () => {
  const creator = await signed.newUser("creator", await signed.policyFile("create", allow("lambda:*")));
  const create = () =>
    signed.lambda(creator).send(
      new CreateFunctionCommand({
        FunctionName: "passed",
        Role: roleArn("strong"),
        Runtime: "nodejs24.x",
        Handler: "index.handler",
        Code: { ZipFile: Buffer.from("PK") },
      }),
    );
  expect(await answerTo(create())).toBe(refusal("creator", "iam:PassRole", roleArn("strong")));
  const update = new UpdateFunctionConfigurationCommand({ FunctionName: "orders", Role: roleArn("strong") });
  expect(await answerTo(signed.lambda(creator).send(update))).toBe(
    refusal("creator", "iam:PassRole", roleArn("strong")),
  );
  await signed.cli(["key", "policy", "creator", "--add", "AWSLambda_FullAccess"]);
  await expect(create()).rejects.toMatchObject({ name: "InvalidParameterValueException" });
});

test("an AWS_IAM URL wants both of its actions, from either side", async () => {
  const code = "export const handler = async (event) => event.requestContext.authorizer.iam.userArn;";
  await signed.server.deploy({ name: "signed-url", files: { "index.mjs": code }, url: false });
  const { FunctionUrl = "" } = await signed
    .lambda()
    .send(new CreateFunctionUrlConfigCommand({ FunctionName: "signed-url", AuthType: "AWS_IAM" }));
  const { host } = new URL(FunctionUrl);
  const caller = await signed.newUser("caller");
  const call = async () => {
    const signer = new SignatureV4({
      service: "lambda",
      region: "us-east-1",
      credentials: caller,
      sha256: Sha256,
    });
    const { headers } = await signer.sign({
      method: "GET",
      protocol: "http:",
      hostname: "127.0.0.1",
      path: "/",
      headers: { host },
    });
    return requestUrl(signed.server.port, host, "/", { headers });
  };
  const closed = await call();
  expect(closed.status).toBe(403);
  expect(closed.headers["x-amzn-errortype"]).toBe("AccessDeniedException");
  expect(closed.text).toContain("Forbidden. For troubleshooting Function URL authorization issues");
  const grant = async (name: string, Action: string, Condition: object) =>
    signed.cli([
      "key",
      "policy",
      "caller",
      "--add",
      await signed.policyFile(name, { ...allow(Action, functionArn("signed-url")), Condition }),
    ]);
  await grant("url", "lambda:InvokeFunctionUrl", {
    StringEquals: { "lambda:FunctionUrlAuthType": "AWS_IAM" },
  });
  expect((await call()).status).toBe(403);
  await grant("invoke", "lambda:InvokeFunction", { Bool: { "lambda:InvokedViaFunctionUrl": "true" } });
  const open = await call();
  expect([open.status, open.text]).toEqual([200, `arn:aws:iam::${account}:user/caller`]);
  // What is granted for the URL is not granted for Invoke.
  expect(
    await answerTo(signed.lambda(caller).send(new InvokeCommand({ FunctionName: "signed-url" }))),
  ).not.toBe("allowed");
});

test("a bad policy is refused with its statement and element, and leaves nothing behind", async () => {
  const file = await signed.policyFile("bad", allow("lambda:GetFunction"), {
    Effect: "Allow",
    Action: "nonsense",
    Resource: "*",
  });
  const created = await signed.cli(["key", "create", "--user", "bad", "--policy", file]);
  expect(created.exitCode).toBe(1);
  expect(created.stderr).toContain('Statement 2, Action: "nonsense" is no action');
  expect((await signed.cli(["role", "create", "bad", "--policy", "NoSuchPolicy"])).stderr).toContain(
    'There is no managed policy "NoSuchPolicy": there are AdministratorAccess, ',
  );
  expect((await signed.cli(["key", "list"])).stdout).not.toContain("user/bad");
  expect((await signed.cli(["role", "list"])).stdout).not.toContain("role/bad");
});
