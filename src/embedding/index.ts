export type { DeployedFunction, DeployInput } from "./deployment.ts";
export { createEmbedding, type Embedding, type EmbeddingParts } from "./embedding.ts";
export { FunctionError } from "./function-error.ts";
export type { PublishedLayer, PublishLayerInput } from "./layer-publication.ts";
