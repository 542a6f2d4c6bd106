import { dataFunctions } from "./functions/data.ts";
import { databaseFunctions } from "./functions/databases.ts";
import { httpFunctions } from "./functions/http.ts";
import { operationsFunctions } from "./functions/operations.ts";
import type { MatrixFunction } from "./matrix-function.ts";

export const matrixFunctions: readonly MatrixFunction[] = [
  ...httpFunctions,
  ...databaseFunctions,
  ...dataFunctions,
  ...operationsFunctions,
];
