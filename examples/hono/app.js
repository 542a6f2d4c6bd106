import { Hono } from "hono";
import { streamSSE } from "hono/streaming";

export const app = new Hono();

app.get("/", (c) => c.text("Hono on Brisk"));
app.get("/hello/:name", (c) => c.json({ hello: c.req.param("name"), query: c.req.query() }));
app.post("/echo", async (c) => c.json(await c.req.json(), 201, { "x-example": "hono" }));

app.get("/events", (c) =>
  streamSSE(c, async (stream) => {
    for (let id = 1; id <= 3; id++) {
      await stream.writeSSE({ event: "tick", id: String(id), data: JSON.stringify({ id }) });
      await stream.sleep(20);
    }
  }),
);
