/**
 * What a grown application loads: about 1.2 MB of packages, and a page that each of them has a part in. Everything
 * that generates code does so here at init, as runtimes that forbid it later still allow it then.
 */
import Ajv from "ajv";
import { buildSchema, execute, parse, validate } from "graphql";
import Handlebars from "handlebars";
import { Hono } from "hono";
import lodash from "lodash";
import { marked } from "marked";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { z } from "zod";

let calls = 0;

const products = lodash.range(12).map((id) => ({
  id,
  name: `Product ${id}`,
  price: 3 + ((id * 7) % 11),
  tags: lodash.compact([id % 2 === 0 && "even", id % 3 === 0 && "third"]),
}));
const schema = buildSchema(`
  type Product { id: Int! name: String! price: Int! tags: [String!]! }
  type Query { products(below: Int!): [Product!]! }
`);
// Persisted, as busy servers keep their queries.
const query = parse("query ($below: Int!) { products(below: $below) { id name price tags } }");
if (validate(schema, query).length > 0) throw new Error("the query does not fit its schema");
const isQuery = new Ajv().compile({
  type: "object",
  properties: { below: { type: "integer", minimum: 0 } },
  required: ["below"],
  additionalProperties: false,
});
const Products = z.array(
  z.object({ id: z.number().int(), name: z.string(), price: z.number(), tags: z.array(z.string()) }),
);
const layout = Handlebars.compile(
  "<!doctype html><title>{{title}}</title><main>{{{main}}}</main><footer>{{{notes}}}</footer>",
);
layout({ title: "", main: "", notes: "" });

const Row = ({ product }) =>
  createElement(
    "li",
    null,
    `${product.name}: ${product.price} `,
    createElement("em", null, product.tags.join()),
  );
const List = ({ groups }) =>
  createElement(
    "section",
    null,
    Object.entries(groups).map(([price, rows]) =>
      createElement(
        "ul",
        { key: price, "data-price": price },
        rows.map((product) => createElement(Row, { key: product.id, product })),
      ),
    ),
  );

const app = new Hono();
app.get("/", (c) => {
  const wanted = { below: Number(c.req.query("below") ?? 10) };
  if (!isQuery(wanted)) return c.text("below must be a whole number", 400);
  const { data } = execute({
    schema,
    document: query,
    variableValues: wanted,
    rootValue: { products: ({ below }) => products.filter(({ price }) => price < below) },
  });
  const found = Products.parse(JSON.parse(JSON.stringify(data.products)));
  const groups = lodash.groupBy(lodash.sortBy(found, "price", "id"), "price");
  const main = renderToString(createElement(List, { groups }));
  const notes = marked.parse(`*${found.length}* of **${products.length}** products\n\n- one\n- two`);
  return c.html(layout({ title: `below ${wanted.below}`, main, notes }));
});

export const handler = async (event) => {
  const path = `${event.rawPath}${event.rawQueryString ? `?${event.rawQueryString}` : ""}`;
  const response = await app.request(path, { method: event.requestContext.http.method });
  calls++;
  return {
    statusCode: response.status,
    headers: { "content-type": response.headers.get("content-type"), "x-calls": String(calls) },
    body: await response.text(),
  };
};
