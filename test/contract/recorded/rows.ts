/** A fact about AWS that was recorded there, by the sheet of facts that has it. */
export interface RecordedRow {
  readonly says: string;
  /** Why Brisk's answer is another one. Its test has to fail: when it passes, this goes. */
  readonly differs?: string;
}

const noSources =
  "sources of AWS are not reachable from here: a mapping is kept without a look at its queue, stream or role";

/**
 * Every recorded fact about the operations of the Lambda API, function URLs and access. How functions run,
 * asynchronous delivery, polling and the enforcement of concurrency have tests of their own, or are to come.
 */
export const recordedRows = {
  async: {
    "event invoke config": {
      says: "the reply has epoch seconds, a qualified ARN, and no number that is not set",
    },
    "event invoke config, published": { says: "publishing a version does not copy it" },
    "recursion config": { says: "another value than Terminate or Allow breaks the enum [Terminate, Allow]" },
  },
  "event-sources": {
    "state, disabled": { says: "a mapping made with Enabled false is Disabled at once" },
    "state, enabled": { says: "an update that enables replies Enabling" },
    "state transition reason": { says: "USER_INITIATED for queues, User action for streams" },
    "last processing result": { says: "No records processed for a stream at first" },
    "batching window": { says: "a queue with more than 10 in a batch wants a window of a second or more" },
    "starting position": { says: "a DynamoDB stream has no AT_TIMESTAMP" },
    "destination config": { says: "a queue has no OnFailure destination" },
    "no source": { says: "Unrecognized event source." },
    "no function": { says: "Function does not exist" },
    "bad filter": { says: "Invalid filter pattern definition." },
    "no stream": { says: "Stream not found: <arn>", differs: noSources },
    "no queue": { says: "the queue's own NonExistentQueue error", differs: noSources },
    "no rights": { says: "the role may not call ReceiveMessage on SQS", differs: noSources },
    "no source access": { says: "self-managed Kafka wants sourceAccessConfigurations" },
  },
  "function-urls": {
    target: { says: "a version's number and $LATEST break the qualifier's pattern" },
    "one per": { says: "a second URL is a conflict" },
    "invoke mode": { says: "Create and Update show it when it was given, Get always" },
    denied: { says: "403 with Message Forbidden and where to read on" },
    "unknown URL": { says: "403 with Message null, not 404" },
    rawPath: { says: "an invalid escape arrives untouched, in http.path too" },
    queryStringParameters: { says: "decoded; repeats are joined by a comma" },
    headers: { says: "names are lower-cased, values untouched" },
    "added headers": {
      says: "trace id and forwarding headers are added, over TLS its cipher suite and version",
    },
    base64: { says: "a multipart body arrives as base64" },
    requestId: { says: "the event's is the response header's and the END line's" },
    "numeric text as status": { says: 'statusCode "418" works' },
    "default content type": { says: "application/json when the function gives none" },
    "JSON string": { says: "the bare string without quotes" },
    "number, boolean, array": { says: "their JSON text" },
    object: { says: "compact JSON" },
    "function error": { says: "502 with the text Internal Server Error" },
    "plain handler in RESPONSE_STREAM": { says: "answers by the same rules as in BUFFERED" },
    "stream handler in BUFFERED": { says: "the body is collected, the prelude honoured" },
  },
  invoke: {
    RequestResponse: { says: "X-Amz-Executed-Version has the version that ran" },
    DryRun: { says: "204 without a body" },
    undefined: { says: "a handler's undefined is the body null" },
    "no JSON": { says: "400 InvalidRequestContentException with the parser's place" },
    "response size": { says: "more than 6,291,556 bytes are a function error" },
    throttle: { says: 'the body is {"Reason","Type","message"} with Rate Exceeded.' },
    Event: {
      says: "202 without a body and executed version",
      differs: "there are no asynchronous invocations yet",
    },
  },
  "layers-versions-aliases": {
    numbering: {
      says: "versions count from 1, no number comes twice; a function made anew starts at 1 again",
    },
    "nothing changed": { says: "publishing again replies the version that is there, with 201" },
    CodeSha256: { says: "another code's hash is refused with both hashes" },
    RevisionId: { says: "another revision's is a failed precondition" },
    "CreateFunction with Publish": { says: "the reply is version 1 with the unqualified ARN" },
    "UpdateFunctionCode with Publish": { says: "the reply is the new version, Pending" },
    "delete $LATEST": { says: "refused without deleting the function" },
    "alias shape": { says: "AliasArn, Name, FunctionVersion, Description, RevisionId, in this order" },
    "alias without weights": { says: "RoutingConfig is not shown once it was emptied" },
    "alias with its own version": { says: "weights for the primary version are refused" },
    "layers listed": { says: "newest version first" },
    "layer published": { says: "the reply's members" },
    "layer rows": { says: "no Content and no LayerArn" },
    "layer numbering": { says: "no number comes twice, even when all were deleted" },
    "layer deleted": { says: "functions that have it go on, and still show it" },
    "layer policy": { says: "the statement's members and their order" },
    "two versions of a layer": { says: "refused" },
    "one layer version twice": { says: "refused" },
    "layer of another region": { says: "refused with the region that is expected" },
    "code signing of a function": { says: "only FunctionName when it has none" },
    tags: {
      says: "functions, event source mappings and code signing configurations have them, versions don't",
    },
  },
  "layers at work": {
    "search order": { says: "nodejs/node22, then nodejs/node_modules; the function's own modules go before" },
  },
  limits: {
    "zip, direct": { says: "52,428,800 bytes" },
    "CreateFunction request": { says: "70,167,211 bytes" },
    unzipped: { says: "262,144,000 bytes" },
    "synchronous payload": { says: "6,291,456 bytes" },
  },
  permissions: {
    "policy document": { says: "Version, Id default, Statement" },
    "statement order": { says: "Sid, Effect, Principal, Action, Resource, Condition" },
    "principal *": { says: '"*"' },
    "principal of a service": { says: '{"Service": …}' },
    "principal of an account": { says: '{"AWS": its root}' },
    "principal by ARN": { says: '{"AWS": the ARN}' },
    SourceArn: { says: "ArnLike AWS:SourceArn" },
    SourceAccount: { says: "StringEquals AWS:SourceAccount" },
    PrincipalOrgID: { says: "StringEquals aws:PrincipalOrgID" },
    FunctionUrlAuthType: { says: "StringEquals lambda:FunctionUrlAuthType" },
    EventSourceToken: { says: "StringEquals lambda:EventSourceToken" },
    resource: { says: "the ARN with its qualifier; $LATEST is refused" },
    "per qualifier": { says: "documents and revisions of their own" },
    published: { says: "publishing does not copy the policy" },
    "layer of another account": { says: "403 because no resource-based policy allows it" },
  },
  scaling: {
    "reserved, unset": { says: "{}" },
    "provisioned target": { says: "a version or an alias, not both an alias and its version" },
    "provisioned reply": { says: "IN_PROGRESS with nothing available or allocated yet" },
    "provisioned failure": {
      says: "StatusReason FUNCTION_ERROR_INIT_FAILURE when init fails",
      differs: "nothing is started ahead yet, and the reason says so",
    },
  },
} as const satisfies Record<string, Record<string, RecordedRow>>;

export type Sheet = keyof typeof recordedRows;
