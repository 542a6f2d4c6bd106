import type { Operation } from "../operation.ts";
import { accountOperations } from "./account.ts";
import { codeSigningOperations } from "./code-signing.ts";
import { concurrencyOperations } from "./concurrency.ts";
import { eventInvokeConfigOperations } from "./event-invoke-configs.ts";
import { functionUrlOperations } from "./function-urls.ts";
import { functionOperations } from "./functions.ts";
import { permissionOperations } from "./permissions.ts";
import { runtimeSettingOperations } from "./runtime-settings.ts";
import { tagOperations } from "./tags.ts";
import { versionOperations } from "./versions.ts";

/** The Lambda API as far as it is there, but for invocations, which stream and have a file of their own. */
export const operations: readonly Operation[] = [
  ...functionOperations,
  ...versionOperations,
  ...functionUrlOperations,
  ...permissionOperations,
  ...tagOperations,
  ...concurrencyOperations,
  ...eventInvokeConfigOperations,
  ...runtimeSettingOperations,
  ...codeSigningOperations,
  ...accountOperations,
];
