import type { MatrixFunction } from "../matrix-function.ts";

/** Servers and clients of HTTP, and rendering for them. */
export const httpFunctions: readonly MatrixFunction[] = [
  {
    name: "axios",
    packages: ["axios"],
    does: "posts JSON with parameters and an interceptor; a 404 as an error",
    event: { a: 1 },
    answer: {
      status: 200,
      data: { method: "POST", search: "?q=two+words", client: "brisk", seen: "interceptor", body: { a: 1 } },
      failure: 404,
      type: "text/plain",
    },
  },
  {
    name: "cheerio",
    packages: ["cheerio"],
    does: "parses HTML, changes and prints it",
    event: { html: "<p>Go <a href='/x'>there</a> &amp; <a href='/y'>here" },
    answer: {
      main: '<p>Go <a href="/x" rel="nofollow">THERE</a> &amp; <a href="/y" rel="nofollow">HERE</a></p>',
      links: ["/x", "/y"],
      footer: "by brisk",
    },
  },
  {
    name: "express",
    packages: ["express", "serverless-http"],
    does: "an app with a router and a JSON body, behind serverless-http",
    event: { method: "POST", path: "/things/", body: { a: [1] } },
    answer: [201, { a: [1] }],
  },
  {
    name: "fastify",
    packages: ["fastify"],
    does: "an app with a hook and schemas, by inject()",
    event: { numbers: [1, 2.5] },
    answer: [200, { sum: 3.5 }, "yes"],
  },
  {
    name: "handlebars",
    packages: ["handlebars"],
    does: "compiles a template with a helper and a partial",
    event: { items: [{ name: "tea", price: 3 }, { name: "<b>" }] },
    answer: "<ul><li>TEA: 3</li><li>&lt;B&gt;</li></ul>",
  },
  {
    name: "hono",
    packages: ["hono"],
    does: "an app with parameters, CORS, ETags and basic auth",
    event: { path: "/hello/w%C3%B6rld?q=1" },
    answer: [200, '{"hello":"wörld","q":"1"}', true],
  },
  {
    name: "marked",
    packages: ["marked"],
    does: "renders Markdown with a renderer of its own",
    event: { text: "# Title\n\n- [x] `done`\n\n| a |\n|---|\n| ~~2~~ |\n" },
    answer:
      '<h1 id="title">Title</h1>\n<ul>\n<li><input checked="" disabled="" type="checkbox"> <code>done</code></li>\n</ul>\n<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody><tr>\n<td><del>2</del></td>\n</tr>\n</tbody></table>\n<p><em>the end</em></p>\n',
  },
  {
    name: "mustache",
    packages: ["mustache"],
    does: "renders a template with sections and a partial",
    event: {
      people: [
        { name: "Ada", age: 36, last: false },
        { name: "B&B", age: 7, last: true },
      ],
    },
    answer: "Ada (36 years), B&amp;B (7 years)",
  },
  {
    name: "openai",
    packages: ["openai", "zod"],
    does: "a structured answer, a stream, a model that is missing",
    event: { question: "Which city?" },
    answer: { parsed: { city: "Ulm", people: 128 }, words: ["one", "two"], failure: [404, true] },
  },
  {
    name: "react",
    packages: ["react", "react-dom"],
    does: "renders to a string and to a pipeable stream",
    event: { items: [" a ", "<b>"] },
    answer: {
      empty: "<ul></ul>",
      html: '<ul><li class="dark">a</li><li class="dark">&lt;b&gt;</li></ul>',
      streamed: '<ul><li class="dark">a</li><li class="dark">&lt;b&gt;</li></ul>',
    },
  },
  {
    name: "undici",
    packages: ["undici"],
    does: "request, fetch and a pool, over sockets",
    event: { a: 1 },
    answer: [
      200,
      { method: "POST", search: "?q=1", client: "undici", body: { a: 1 } },
      200,
      { method: "PUT", search: "", client: "undici", body: { a: 1 } },
      404,
    ],
  },
];
