/**
 * Operations whose CloudTrail event has another name than they: the API's version is in it. Those of the developer
 * guide ("Logging AWS Lambda API calls using AWS CloudTrail"), and for operations that it leaves out, and for
 * GetFunction and GetPolicy, which it says both of, the names that records of AWS carry.
 */
const versioned: Readonly<Record<string, string>> = {
  AddLayerVersionPermission: "20181031",
  AddPermission: "20150331v2",
  CreateAlias: "20150331",
  CreateEventSourceMapping: "20150331",
  CreateFunction: "20150331",
  DeleteAlias: "20150331",
  DeleteEventSourceMapping: "20150331",
  DeleteFunction: "20150331",
  DeleteFunctionConcurrency: "20171031",
  DeleteLayerVersion: "20181031",
  GetAccountSettings: "20160819",
  GetAlias: "20150331",
  GetEventSourceMapping: "20150331",
  GetFunction: "20150331v2",
  GetFunctionConfiguration: "20150331v2",
  GetLayerVersion: "20181031",
  GetLayerVersionByArn: "20181031",
  GetLayerVersionPolicy: "20181031",
  GetPolicy: "20150331v2",
  ListAliases: "20150331",
  ListEventSourceMappings: "20150331",
  ListFunctions: "20150331",
  ListLayers: "20181031",
  ListLayerVersions: "20181031",
  ListTags: "20170331",
  ListVersionsByFunction: "20150331",
  PublishLayerVersion: "20181031",
  PublishVersion: "20150331",
  PutFunctionConcurrency: "20171031",
  RemoveLayerVersionPermission: "20181031",
  RemovePermission: "20150331v2",
  TagResource: "20170331v2",
  UntagResource: "20170331v2",
  UpdateAlias: "20150331",
  UpdateEventSourceMapping: "20150331",
  UpdateFunctionCode: "20150331v2",
  UpdateFunctionConfiguration: "20150331v2",
};

/** `CreateFunction20150331` for `CreateFunction`; operations of later years have no version in theirs. */
export function eventName(operation: string): string {
  return operation + (Object.hasOwn(versioned, operation) ? versioned[operation] : "");
}

/** Whether an event is the operation's that somebody looks for, who may leave out the version. */
export function isEvent(name: string, wanted: string): boolean {
  const [short, whole] = [withoutVersion(name), name].map((text) => text.toLowerCase());
  const asked = wanted.toLowerCase();
  return asked === whole || asked === short;
}

export function withoutVersion(name: string): string {
  return name.replace(/20\d{6}(?:v\d)?$/, "");
}
