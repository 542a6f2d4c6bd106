import { urlFunctionName, urlQualifier } from "../members.ts";
import { type Operation, operation } from "../operation.ts";
import { page } from "../pages.ts";
import { bool, int, list, oneOf, optional, queryInt, str, structure } from "../shapes.ts";

const cors = optional(
  structure({
    AllowCredentials: optional(bool()),
    AllowHeaders: optional(list({ min: 0, max: 1024 }, { min: 0, max: 100 })),
    AllowMethods: optional(list({ min: 0, max: 6 }, { min: 0, max: 6 })),
    AllowOrigins: optional(list({ min: 1, max: 253 }, { min: 0, max: 100 })),
    ExposeHeaders: optional(list({ min: 0, max: 1024 }, { min: 0, max: 100 })),
    MaxAge: optional(int({ min: 0, max: 86_400 })),
  }).transform(givenMembers),
);
const authType = oneOf("NONE", "AWS_IAM");
const invokeMode = optional(oneOf("BUFFERED", "RESPONSE_STREAM"));

export const functionUrlOperations: readonly Operation[] = [
  operation({
    name: "CreateFunctionUrlConfig",
    method: "POST",
    path: "/2021-10-31/functions/{FunctionName}/url",
    status: 201,
    query: urlQualifier,
    uri: urlFunctionName,
    body: { AuthType: authType, Cors: cors, InvokeMode: invokeMode },
    run: async ({ functions, present }, input) => {
      const { LastModifiedTime: _, ...shown } = present.functionUrl(await functions.urls.create(input));
      return { ...shown, InvokeMode: input.InvokeMode };
    },
  }),
  operation({
    name: "GetFunctionUrlConfig",
    method: "GET",
    path: "/2021-10-31/functions/{FunctionName}/url",
    status: 200,
    query: urlQualifier,
    uri: urlFunctionName,
    run: ({ functions, present }, { FunctionName, Qualifier }) =>
      present.functionUrl(functions.urls.get(FunctionName, Qualifier)),
  }),
  operation({
    name: "UpdateFunctionUrlConfig",
    method: "PUT",
    path: "/2021-10-31/functions/{FunctionName}/url",
    status: 200,
    query: urlQualifier,
    uri: urlFunctionName,
    body: { AuthType: optional(authType), Cors: cors, InvokeMode: invokeMode },
    // Recorded: the mode is shown when the request gave it.
    run: async ({ functions, present }, input) => ({
      ...present.functionUrl(await functions.urls.update(input)),
      InvokeMode: input.InvokeMode,
    }),
  }),
  operation({
    name: "DeleteFunctionUrlConfig",
    method: "DELETE",
    path: "/2021-10-31/functions/{FunctionName}/url",
    status: 204,
    query: urlQualifier,
    uri: urlFunctionName,
    run: ({ functions }, { FunctionName, Qualifier }) => functions.urls.delete(FunctionName, Qualifier),
  }),
  operation({
    name: "ListFunctionUrlConfigs",
    method: "GET",
    path: "/2021-10-31/functions/{FunctionName}/urls",
    status: 200,
    query: { Marker: optional(str()), MaxItems: optional(queryInt({ min: 1, max: 50 })) },
    uri: urlFunctionName,
    run: ({ functions, present }, input) => {
      const urls = functions.urls.list(input.FunctionName);
      const { rows, NextMarker } = page(urls, ({ alias }) => alias ?? "", input);
      return { FunctionUrlConfigs: rows.map((url) => present.functionUrl(url)), NextMarker };
    },
  }),
];

/** Records hold what was given: a member that is there and undefined would not come back from the disk. */
function givenMembers<T extends object>(members: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
