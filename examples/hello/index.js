// Answers whatever it is called with: an event of `brisk invoke`, or a request to its function URL.
export const handler = async (event) => ({
  message: `Hello ${event.queryStringParameters?.name ?? event.name ?? "from Brisk"}!`,
  event,
});
