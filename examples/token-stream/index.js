import { setTimeout as sleep } from "node:timers/promises";

/** Stands in for a model: yields a text token by token, with the pauses of somebody who thinks. */
async function* generate(prompt) {
  const answer = `You asked: ${prompt}. Here is an answer that arrives one token at a time.`;
  for (const token of answer.match(/\S+\s*/g)) {
    await sleep(10);
    yield token;
  }
}

/** Server-sent events: each token leaves as soon as it is there, the last event says why it ended. */
export const handler = awslambda.streamifyResponse(async (event, responseStream) => {
  const prompt = event.queryStringParameters?.prompt ?? "nothing";
  const response = awslambda.HttpResponseStream.from(responseStream, {
    statusCode: 200,
    headers: { "content-type": "text/event-stream", "cache-control": "no-cache" },
  });
  let tokens = 0;
  for await (const token of generate(prompt)) {
    tokens++;
    response.write(`data: ${JSON.stringify({ token })}\n\n`);
  }
  response.write(`event: done\ndata: ${JSON.stringify({ tokens, stopReason: "end_turn" })}\n\n`);
  response.end();
});
