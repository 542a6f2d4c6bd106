import { InvalidParameterValueException, ResourceNotFoundException } from "../model/errors.ts";
import { functionArn } from "../model/function-arn.ts";
import type { Control } from "./control.ts";
import { runtimeVersionArn } from "./function-directory.ts";
import { latest, type VersionRecord } from "./records.ts";
import type { RuntimeManagementRecord } from "./setting-records.ts";

export interface RuntimeManagementInput {
  readonly FunctionName: string;
  readonly Qualifier?: string | undefined;
  readonly UpdateRuntimeOn: RuntimeManagementRecord["updateRuntimeOn"];
  readonly RuntimeVersionArn?: string | undefined;
}

export interface RuntimeManagementView {
  readonly functionName: string;
  /** As it was asked for: the ARN is shown with it. */
  readonly qualifier: string | undefined;
  readonly updateRuntimeOn: RuntimeManagementRecord["updateRuntimeOn"];
  readonly runtimeVersionArn?: string;
}

/**
 * Which build of its runtime a version runs on. Here a runtime has one build, so that all three modes come to the
 * same; what was chosen is kept and shown.
 */
export class RuntimeManagement {
  readonly #control: Control;

  constructor(control: Control) {
    this.#control = control;
  }

  get(functionName: string, given?: string): RuntimeManagementView {
    const { name, qualifier } = this.#control.reference(functionName, given);
    this.#version(name, qualifier);
    const record = this.#control.catalog.get(name)?.settings.runtimeManagement.get(qualifier ?? latest);
    return { updateRuntimeOn: "Auto", ...record, functionName: name, qualifier };
  }

  async put(input: RuntimeManagementInput): Promise<RuntimeManagementView> {
    const { catalog } = this.#control;
    const { name, qualifier } = this.#control.reference(input.FunctionName, input.Qualifier);
    return catalog.exclusive(name, async () => {
      const build = this.#buildOf(this.#version(name, qualifier), input);
      const runtimeManagement: RuntimeManagementRecord = {
        functionName: name,
        qualifier: qualifier ?? latest,
        updateRuntimeOn: input.UpdateRuntimeOn,
        ...(build !== undefined && { runtimeVersionArn: build }),
      };
      await catalog.commit([{ runtimeManagement }]);
      return { ...runtimeManagement, qualifier };
    });
  }

  /** Aliases have none: Lambda's documentation of `Qualifier` names `$LATEST` and version numbers alone. */
  #version(name: string, qualifier: string | undefined): VersionRecord {
    const version = this.#control.catalog.get(name)?.versions.get(qualifier ?? latest);
    if (version !== undefined) return version;
    throw new ResourceNotFoundException(
      `Function not found: ${functionArn(this.#control.scope, name, qualifier)}`,
    );
  }

  #buildOf({ configuration }: VersionRecord, input: RuntimeManagementInput): string | undefined {
    const { UpdateRuntimeOn, RuntimeVersionArn } = input;
    if (UpdateRuntimeOn !== "Manual") {
      if (RuntimeVersionArn === undefined) return undefined;
      throw new InvalidParameterValueException(
        `Cannot set the runtime version ${RuntimeVersionArn}: UpdateRuntimeOn is ${UpdateRuntimeOn}, and only Manual takes a RuntimeVersionArn`,
      );
    }
    if (RuntimeVersionArn === undefined) {
      throw new InvalidParameterValueException(
        "Cannot set UpdateRuntimeOn to Manual without a RuntimeVersionArn",
      );
    }
    const only = runtimeVersionArn(this.#control.scope.region, configuration.runtime);
    if (RuntimeVersionArn !== only) {
      throw new InvalidParameterValueException(
        `Cannot set the runtime version ${RuntimeVersionArn}: ${configuration.runtime} has the version ${only} alone`,
      );
    }
    return only;
  }
}
