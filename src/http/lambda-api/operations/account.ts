import { type Operation, operation } from "../operation.ts";

export const accountOperations: readonly Operation[] = [
  operation({
    name: "GetAccountSettings",
    method: "GET",
    path: "/2016-08-19/account-settings",
    status: 200,
    run: ({ functions, present }) => present.accountSettings(functions.accountSettings()),
  }),
];
