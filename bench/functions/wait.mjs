const environment = Math.random();

export const handler = async (event) => {
  await new Promise((resolve) => setTimeout(resolve, Number(event.queryStringParameters.ms)));
  return { statusCode: 200, body: String(environment) };
};
