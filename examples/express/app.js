const express = require("express");

const app = express();
app.use(express.json());

const notes = new Map();

app.get("/", (_request, response) => {
  response.send("Express on Brisk");
});

app.get("/notes/:id", (request, response) => {
  const text = notes.get(request.params.id);
  if (text === undefined) return response.status(404).json({ error: `no note "${request.params.id}"` });
  response.json({ id: request.params.id, text });
});

// Notes live as long as the execution environment: keep what must last in a database.
app.put("/notes/:id", (request, response) => {
  notes.set(request.params.id, String(request.body.text));
  response.status(201).location(`/notes/${request.params.id}`).json({ id: request.params.id });
});

app.get("/cookie", (_request, response) => {
  response.cookie("seen", "yes", { httpOnly: true }).redirect("/");
});

app.use((error, _request, response, _next) => {
  response.status(error.status ?? 500).json({ error: error.message });
});

module.exports = app;
