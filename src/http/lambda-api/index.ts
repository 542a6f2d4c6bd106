export { createLambdaApi, type LambdaApiOptions } from "./lambda-api.ts";
