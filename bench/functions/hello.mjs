export const handler = async (event) => ({
  statusCode: 200,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({
    message: "hello",
    path: event.rawPath,
    name: event.queryStringParameters?.name ?? null,
  }),
});
