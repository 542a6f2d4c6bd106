/** Brisk for embedding: `import { createRuntime } from "brisk"`. */
export type { Config, ConfigInput } from "./config.ts";
export {
  type DeployedFunction,
  type DeployInput,
  type Embedding,
  FunctionError,
  type PublishedLayer,
  type PublishLayerInput,
} from "./embedding/index.ts";
export { LambdaServiceException } from "./model/errors.ts";
export { createRuntime, type Runtime } from "./runtime.ts";
