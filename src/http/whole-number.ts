import { InvalidParameterValueException } from "../model/errors.ts";

/**
 * A number of a query, as the member `name` of an object that has it only when it was given.
 * @throws {InvalidParameterValueException} It is no whole number.
 */
export function wholeNumber(
  parameter: string,
  text: string | undefined,
  name: string,
): Record<string, number> {
  if (text === undefined) return {};
  const value = Number(text);
  if (text === "" || !Number.isSafeInteger(value) || value < 0) {
    throw new InvalidParameterValueException(`${parameter} is "${text}", a whole number is expected`);
  }
  return { [name]: value };
}
