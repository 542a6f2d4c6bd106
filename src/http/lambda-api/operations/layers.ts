import { policyDocument } from "../../../model/resource-policy.ts";
import {
  compatibleRuntime,
  compatibleRuntimes,
  layerContent,
  layerName,
  layerPrincipal,
  layerVersionArn,
  licenseInfo,
  organizationId,
  versionNumber,
} from "../layer-members.ts";
import { listedLayer, listedLayerVersion, presentLayerVersion } from "../layer-presenter.ts";
import { codeRequestBytes, description, revisionId, shortPaging } from "../members.ts";
import { type Operation, operation } from "../operation.ts";
import { page } from "../pages.ts";
import { enumList, oneOf, optional, str } from "../shapes.ts";

const statementId = { StatementId: str({ min: 1, max: 100, pattern: "([a-zA-Z0-9-_]+)" }) };
const filters = {
  CompatibleRuntime: compatibleRuntime,
  CompatibleArchitecture: optional(oneOf("x86_64", "arm64")),
};

export const layerOperations: readonly Operation[] = [
  operation({
    name: "PublishLayerVersion",
    method: "POST",
    path: "/2018-10-31/layers/{LayerName}/versions",
    status: 201,
    uri: layerName,
    body: {
      Content: layerContent,
      Description: description,
      // Before the architectures: refusals name them in this order.
      CompatibleRuntimes: compatibleRuntimes,
      CompatibleArchitectures: optional(enumList(["x86_64", "arm64"], { max: 2 })),
      LicenseInfo: licenseInfo,
    },
    bodyBytes: codeRequestBytes,
    refused: { Content: "with code in S3; there are no buckets" },
    run: async (context, input) =>
      presentLayerVersion(context, await context.functions.layers.publish(input)),
  }),
  operation({
    name: "GetLayerVersion",
    method: "GET",
    path: "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}",
    status: 200,
    uri: { ...layerName, ...versionNumber },
    run: (context, { LayerName, VersionNumber }) =>
      presentLayerVersion(context, context.functions.layers.get(LayerName, VersionNumber)),
  }),
  operation({
    name: "GetLayerVersionByArn",
    method: "GET",
    path: "/2018-10-31/layers?find=LayerVersion",
    status: 200,
    query: { Arn: layerVersionArn },
    run: (context, { Arn }) => presentLayerVersion(context, context.functions.layers.getByArn(Arn)),
  }),
  operation({
    name: "ListLayers",
    method: "GET",
    path: "/2018-10-31/layers",
    status: 200,
    query: { ...filters, ...shortPaging },
    run: ({ functions }, input) => {
      const { rows, NextMarker } = page(functions.layers.list(input), ({ name }) => name, input);
      return { NextMarker, Layers: rows.map((row) => listedLayer(functions.scope, row)) };
    },
  }),
  operation({
    name: "ListLayerVersions",
    method: "GET",
    path: "/2018-10-31/layers/{LayerName}/versions",
    status: 200,
    query: { ...filters, ...shortPaging },
    uri: layerName,
    run: ({ functions }, input) => {
      const { rows, NextMarker } = page(
        functions.layers.listVersions(input.LayerName, input),
        ({ version }) => String(version),
        input,
        (a, b) => Number(b) - Number(a),
      );
      return { NextMarker, LayerVersions: rows.map((row) => listedLayerVersion(functions.scope, row)) };
    },
  }),
  operation({
    name: "DeleteLayerVersion",
    method: "DELETE",
    path: "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}",
    status: 204,
    uri: { ...layerName, ...versionNumber },
    run: ({ functions }, { LayerName, VersionNumber }) => functions.layers.delete(LayerName, VersionNumber),
  }),
  operation({
    name: "AddLayerVersionPermission",
    method: "POST",
    path: "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy",
    status: 201,
    query: revisionId,
    uri: { ...layerName, ...versionNumber },
    body: {
      ...statementId,
      Action: str({ min: 0, max: 22, pattern: "lambda:GetLayerVersion" }),
      Principal: layerPrincipal,
      OrganizationId: organizationId,
    },
    note: "Kept and shown; it lets nobody in, since there is no other account.",
    run: async ({ functions }, input) => {
      const { statement, revisionId } = await functions.layerPermissions.add(input);
      return { Statement: JSON.stringify(statement), RevisionId: revisionId };
    },
  }),
  operation({
    name: "GetLayerVersionPolicy",
    method: "GET",
    path: "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy",
    status: 200,
    uri: { ...layerName, ...versionNumber },
    run: ({ functions }, { LayerName, VersionNumber }) => {
      const { statements, revisionId } = functions.layerPermissions.get(LayerName, VersionNumber);
      return { Policy: policyDocument(statements), RevisionId: revisionId };
    },
  }),
  operation({
    name: "RemoveLayerVersionPermission",
    method: "DELETE",
    path: "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy/{StatementId}",
    status: 204,
    query: revisionId,
    uri: { ...layerName, ...versionNumber, ...statementId },
    run: ({ functions }, input) => functions.layerPermissions.remove(input),
  }),
];
