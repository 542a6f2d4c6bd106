import { tagKeys, tags } from "../members.ts";
import { type Operation, operation } from "../operation.ts";
import { str } from "../shapes.ts";

const taggablePattern =
  "arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:(function:[a-zA-Z0-9-_]+(:(\\$LATEST|[a-zA-Z0-9-_]+))?|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|(capacity-provider|network-connector):[a-zA-Z0-9-_]{1,64})";
const resource = { Resource: str({ min: 1, max: 10_000, pattern: taggablePattern }) };

export const tagOperations: readonly Operation[] = [
  operation({
    name: "TagResource",
    method: "POST",
    path: "/2017-03-31/tags/{Resource}",
    status: 204,
    uri: resource,
    body: { Tags: tags },
    run: ({ functions }, { Resource, Tags }) => functions.tags.add(Resource, Tags),
  }),
  operation({
    name: "UntagResource",
    method: "DELETE",
    path: "/2017-03-31/tags/{Resource}",
    status: 204,
    // The one list in a query string of this API: the key is repeated, and begins in lower case.
    query: { tagKeys },
    queryLists: ["tagKeys"],
    uri: resource,
    run: ({ functions }, { Resource, tagKeys }) => functions.tags.remove(Resource, tagKeys),
  }),
  operation({
    name: "ListTags",
    method: "GET",
    path: "/2017-03-31/tags/{Resource}",
    status: 200,
    uri: resource,
    run: ({ functions }, { Resource }) => ({ Tags: functions.tags.list(Resource) }),
  }),
];
