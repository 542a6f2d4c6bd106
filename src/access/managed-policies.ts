/** May do everything, as the root may. */
export const administratorPolicy = "AdministratorAccess";

/**
 * Policies that are there, under AWS's names. Each says what AWS's own says of Lambda, with our own actions
 * (`brisk:*`) where AWS's has those of other services; what is about services that are not here is left out.
 */
export const managedPolicies: ReadonlyMap<string, object> = new Map(
  Object.entries({
    [administratorPolicy]: [{ Effect: "Allow", Action: "*", Resource: "*" }],
    AWSLambda_FullAccess: [
      {
        Effect: "Allow",
        Action: ["lambda:*", "brisk:GetLogs", "brisk:GetSnapshot", "brisk:GetStarts", "brisk:*Environments"],
        Resource: "*",
      },
      {
        Effect: "Allow",
        Action: "iam:PassRole",
        Resource: "*",
        Condition: { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } },
      },
    ],
    AWSLambda_ReadOnlyAccess: [
      {
        Effect: "Allow",
        Action: ["lambda:Get*", "lambda:List*", "brisk:GetLogs", "brisk:GetSnapshot", "brisk:GetStarts"],
        Resource: "*",
      },
    ],
    AWSLambdaRole: [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: "*" }],
    // Logs are written without anybody's leave here: it is known so that templates which name it go through.
    AWSLambdaBasicExecutionRole: [
      {
        Effect: "Allow",
        Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: "*",
      },
    ],
  }).map(([name, statements]) => [name, { Version: "2012-10-17", Statement: statements }]),
);
