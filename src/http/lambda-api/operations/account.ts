import { type Operation, operation } from "../operation.ts";
import { str } from "../shapes.ts";

const taggablePattern =
  "arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:(function:[a-zA-Z0-9-_]+(:(\\$LATEST|[a-zA-Z0-9-_]+))?|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|(capacity-provider|network-connector):[a-zA-Z0-9-_]{1,64})";

export const accountOperations: readonly Operation[] = [
  operation({
    name: "GetAccountSettings",
    method: "GET",
    path: "/2016-08-19/account-settings",
    status: 200,
    run: ({ functions, present }) => present.accountSettings(functions.accountSettings()),
  }),
  operation({
    name: "ListTags",
    method: "GET",
    path: "/2017-03-31/tags/{Resource}",
    status: 200,
    uri: { Resource: str({ min: 1, max: 10_000, pattern: taggablePattern }) },
    run: ({ functions }, { Resource }) => ({ Tags: functions.functions.tags(Resource) }),
  }),
];
