import { InvalidParameterValueException, ResourceNotFoundException } from "../model/errors.ts";
import { functionArn } from "../model/function-arn.ts";
import { accountQueue, limitRefusal, provisioned } from "./account-concurrency.ts";
import type { Control } from "./control.ts";
import { type FunctionEntry, latest } from "./records.ts";

/** Concurrency that is one function's own: both what it is sure of and the most it gets. Kept here, not enforced. */
export class ReservedConcurrency {
  readonly #control: Control;

  constructor(control: Control) {
    this.#control = control;
  }

  /** @returns Undefined when nothing is reserved. */
  get(functionName: string): number | undefined {
    const name = this.#functionOnly(functionName);
    return this.#control.entry(name).record.reservedConcurrency;
  }

  async put(functionName: string, executions: number): Promise<number> {
    const { concurrency } = this.#control;
    await this.#change(functionName, (entry) => {
      if (concurrency.leavesTooLittle(entry, executions)) {
        throw limitRefusal(
          `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${concurrency.leastUnreserved}].`,
        );
      }
      const asked = provisioned(entry);
      if (executions < asked) {
        // Lambda's own spaces.
        throw limitRefusal(
          ` ReservedConcurrentExecutions  ${executions} should not be lower than function's total provisioned concurrency [${asked}].`,
        );
      }
      return executions;
    });
    return executions;
  }

  async delete(functionName: string): Promise<void> {
    await this.#change(functionName, () => undefined);
  }

  async #change(functionName: string, decide: (entry: FunctionEntry) => number | undefined): Promise<void> {
    const { catalog, scope } = this.#control;
    const name = this.#functionOnly(functionName);
    const change = async () => {
      const entry = catalog.get(name);
      if (entry === undefined) {
        // Recorded: with the qualifier that nobody gave.
        throw new ResourceNotFoundException(`Function not found: ${functionArn(scope, name, latest)}`);
      }
      const reservedConcurrency = decide(entry);
      const { reservedConcurrency: _, ...record } = entry.record;
      await catalog.commit([
        { function: { ...record, ...(reservedConcurrency !== undefined && { reservedConcurrency }) } },
      ]);
    };
    await catalog.exclusive(accountQueue, () => catalog.exclusive(name, change));
  }

  /** Recorded: here `$LATEST` is refused, too. */
  #functionOnly(functionName: string): string {
    const { name, qualifier } = this.#control.unqualified(functionName);
    if (qualifier === undefined) return name;
    throw new InvalidParameterValueException(
      "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN.",
    );
  }
}
