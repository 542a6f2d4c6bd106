export { createLambdaApi, type LambdaApiOptions } from "./lambda-api.ts";
export { operations } from "./operations/index.ts";
