import { latest } from "../../../control/index.ts";
import {
  aliasName,
  description,
  functionName,
  functionVersion,
  paging,
  revisionId,
  routingConfig,
  shortFunctionName,
} from "../members.ts";
import { type Operation, operation } from "../operation.ts";
import { page } from "../pages.ts";
import { publishTo } from "../refused-members.ts";
import { optional, str } from "../shapes.ts";

export const versionOperations: readonly Operation[] = [
  operation({
    name: "PublishVersion",
    method: "POST",
    path: "/2015-03-31/functions/{FunctionName}/versions",
    status: 201,
    uri: shortFunctionName,
    body: { CodeSha256: optional(str()), Description: description, ...publishTo, ...revisionId },
    note: "With SnapStart the version is Pending until its snapshot is made, and Active without one where it cannot be made; Lambda's would be Failed.",
    refused: { PublishTo: "only functions with a capacity provider have it, of which there are none" },
    run: async ({ functions, present }, input) =>
      present.publishedConfiguration(await functions.versions.publish(input)),
  }),
  operation({
    name: "ListVersionsByFunction",
    method: "GET",
    path: "/2015-03-31/functions/{FunctionName}/versions",
    status: 200,
    query: paging,
    uri: functionName,
    run: ({ functions, present }, input) => {
      const number = (version: string) => (version === latest ? 0 : Number(version));
      const { rows, NextMarker } = page(
        functions.versions.list(input.FunctionName),
        ({ version }) => version,
        input,
        (a, b) => number(a) - number(b),
      );
      return { Versions: rows.map((row) => present.listedConfiguration(row, row.version)), NextMarker };
    },
  }),
  operation({
    name: "CreateAlias",
    method: "POST",
    path: "/2015-03-31/functions/{FunctionName}/aliases",
    status: 201,
    uri: shortFunctionName,
    body: {
      ...aliasName,
      FunctionVersion: functionVersion,
      Description: description,
      RoutingConfig: routingConfig,
    },
    run: async ({ functions, present }, input) => present.alias(await functions.aliases.create(input)),
  }),
  operation({
    name: "GetAlias",
    method: "GET",
    path: "/2015-03-31/functions/{FunctionName}/aliases/{Name}",
    status: 200,
    uri: { ...shortFunctionName, ...aliasName },
    run: ({ functions, present }, { FunctionName, Name }) =>
      present.alias(functions.aliases.get(FunctionName, Name)),
  }),
  operation({
    name: "UpdateAlias",
    method: "PUT",
    path: "/2015-03-31/functions/{FunctionName}/aliases/{Name}",
    status: 200,
    uri: { ...shortFunctionName, ...aliasName },
    body: {
      FunctionVersion: optional(functionVersion),
      Description: description,
      RoutingConfig: routingConfig,
      ...revisionId,
    },
    run: async ({ functions, present }, input) => present.alias(await functions.aliases.update(input)),
  }),
  operation({
    name: "DeleteAlias",
    method: "DELETE",
    path: "/2015-03-31/functions/{FunctionName}/aliases/{Name}",
    status: 204,
    uri: { ...shortFunctionName, ...aliasName },
    run: ({ functions }, { FunctionName, Name }) => functions.aliases.delete(FunctionName, Name),
  }),
  operation({
    name: "ListAliases",
    method: "GET",
    path: "/2015-03-31/functions/{FunctionName}/aliases",
    status: 200,
    query: { ...paging, FunctionVersion: optional(functionVersion) },
    uri: shortFunctionName,
    run: ({ functions, present }, input) => {
      const aliases = functions.aliases.list(input.FunctionName, input.FunctionVersion);
      const { rows, NextMarker } = page(aliases, ({ name }) => name, input);
      return { Aliases: rows.map((alias) => present.alias(alias)), NextMarker };
    },
  }),
];
