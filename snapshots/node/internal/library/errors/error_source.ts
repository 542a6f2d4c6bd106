/** No source of the function's is within its reach by position, so `assert` shows none. */
export const getErrorSourceExpression = (): undefined => undefined;
export const getErrorSourceLocation = (): undefined => undefined;
