// Read once, when the environment starts: a change of configuration starts new ones.
const greeting = process.env.GREETING ?? "Hello";
const punctuation = process.env.PUNCTUATION ?? "!";

export const handler = async (event, context) => ({
  message: `${greeting}, ${event.queryStringParameters?.name ?? event.name ?? "world"}${punctuation}`,
  function: context.functionName,
  region: process.env.AWS_REGION,
  memoryMb: Number(process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE),
  runtime: process.env.AWS_EXECUTION_ENV,
});
