/** A function of the matrix: its module scope uses packages as functions do at init, its handler uses what that made. */
export interface MatrixFunction {
  /** Also the module's, in `test/fixtures/packages`. */
  readonly name: string;
  readonly packages: readonly string[];
  readonly event: unknown;
  /** The handler's answer to the event in the first invocation after init: Node's own. */
  readonly answer: unknown;
  /** What is missing here: it does not even start by init, and says this. Counts as one without a snapshot. */
  readonly missing?: string;
}

export const matrixFunctions: readonly MatrixFunction[] = [
  {
    name: "ajv",
    packages: ["ajv", "ajv-formats"],
    event: { email: "a@example.com", age: "7" },
    answer: { email: "a@example.com", age: 7 },
  },
  {
    name: "aws-client-dynamodb",
    packages: ["@aws-sdk/client-dynamodb"],
    event: { id: "one" },
    answer: { Item: { id: { S: "one" }, count: { N: "1" } }, missing: "ResourceNotFoundException" },
  },
  {
    name: "aws-client-s3",
    packages: ["@aws-sdk/client-s3"],
    event: { text: "hello" },
    answer: { text: "hello", ContentType: "text/plain", keys: ["a/b.txt 5"], missing: "NoSuchKey" },
  },
  {
    name: "aws-client-lambda",
    packages: ["@aws-sdk/client-lambda"],
    event: { text: "hello" },
    answer: { answer: { text: "hello" }, StatusCode: 200, missing: "ResourceNotFoundException" },
  },
  {
    name: "axios",
    packages: ["axios"],
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
    event: { html: "<p>Go <a href='/x'>there</a> &amp; <a href='/y'>here" },
    answer: {
      main: '<p>Go <a href="/x" rel="nofollow">THERE</a> &amp; <a href="/y" rel="nofollow">HERE</a></p>',
      links: ["/x", "/y"],
      footer: "by brisk",
    },
  },
  {
    name: "date-fns",
    packages: ["date-fns"],
    event: { day: "2026-02-28" },
    answer: {
      next: "2026-03-02",
      days: 306,
      words: "Samstag, 28. Februar 2026",
      invalid: "RangeError",
    },
  },
  {
    name: "dayjs",
    packages: ["dayjs"],
    event: { day: "03.10.2026" },
    answer: {
      epoch: "2026-01-01T05:00:00.000Z",
      weekday: "Samstag, 3. Oktober",
      ago: "in 2 Tagen",
      isPast: true,
    },
  },
  {
    name: "express",
    packages: ["express", "serverless-http"],
    event: { method: "POST", path: "/things/", body: { a: [1] } },
    answer: [201, { a: [1] }],
  },
  {
    name: "fast-xml-parser",
    packages: ["fast-xml-parser"],
    event: { xml: "<a><item>1</item><b c='d'>x</b></a>" },
    answer: {
      defaults: { feed: { item: [{ "#text": "a & b", "@id": "1" }], "@version": "2" } },
      parsed: { a: { item: [1], b: { "#text": "x", "@c": "d" } } },
      built: '<feed version="2"><item id="1">a &amp; b</item></feed>',
      wrong: "InvalidTag",
    },
  },
  {
    name: "fastify",
    packages: ["fastify"],
    event: { numbers: [1, 2.5] },
    answer: [200, { sum: 3.5 }, "yes"],
  },
  {
    name: "graphql",
    packages: ["graphql"],
    event: { atLeast: 1500 },
    answer: { problems: 0, data: { mountains: [{ name: "Zugspitze", height: 9718 }] }, errors: [] },
  },
  {
    name: "handlebars",
    packages: ["handlebars"],
    event: { items: [{ name: "tea", price: 3 }, { name: "<b>" }] },
    answer: "<ul><li>TEA: 3</li><li>&lt;B&gt;</li></ul>",
  },
  {
    name: "hono",
    packages: ["hono"],
    event: { path: "/hello/w%C3%B6rld?q=1" },
    answer: [200, '{"hello":"wörld","q":"1"}', true],
  },
  {
    name: "immer",
    packages: ["immer"],
    event: { name: "bo" },
    answer: { before: 1, names: ["ada", "bo"], langs: ["en", "fr"], count: 1, frozen: true },
  },
  {
    name: "ioredis",
    packages: ["ioredis"],
    event: { key: "k" },
    answer: {
      wire: "*3\r\n$3\r\nset\r\n$5\r\napp:k\r\n$2\r\nä\r\n",
      status: "ready",
      set: "OK",
      got: "grün",
      counts: [
        [null, 1],
        [null, 2],
      ],
      scripted: "function",
      keys: ["app:k"],
    },
  },
  {
    name: "joi",
    packages: ["joi"],
    event: { name: " Ada ", email: "a@example.com", born: "1815-12-10", tags: ["a"] },
    answer: { name: "Ada", email: "a@example.com", born: "1815-12-10T00:00:00.000Z", tags: ["a"] },
  },
  {
    name: "jose",
    packages: ["jose"],
    event: { sub: "ada" },
    answer: { sub: "ada", forged: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED", role: "service", kid: "one" },
  },
  {
    name: "jose-jwks",
    packages: ["jose"],
    event: {
      token:
        "eyJhbGciOiJFUzI1NiIsImtpZCI6Im9uZSJ9.eyJyb2xlIjoic2VydmljZSIsImlzcyI6ImJyaXNrIn0.P-2q10I63xIw4ClhYGb4FBLqNpeMX1E8FSsn5EPLReP-LKBUN1crLJXhligCgAyB4z_OkLz9rOsyjqKJlru8xg",
    },
    answer: { role: "service", forged: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" },
  },
  {
    name: "jsonwebtoken",
    packages: ["jsonwebtoken"],
    event: { sub: "ada" },
    answer: {
      sub: "ada",
      forged: "invalid signature",
      service:
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJyb2xlIjoic2VydmljZSIsImlhdCI6MTcwMDAwMDAwMCwiaXNzIjoiYnJpc2sifQ.mh0-OU5NK3hAIFBckF5NRotg8getn635_vjJvxx00io",
      role: "service",
    },
  },
  {
    name: "knex",
    packages: ["knex"],
    event: { customer: "ada" },
    answer: {
      sql: 'select * from "orders" where "state" = $1 and "customer" = $2 and "id" in (select "order_id" from "lines" where "quantity" > $3) order by "placed_at" desc limit $4',
      bindings: ["open", "ada", 2, 5],
      text: `insert into "orders" ("customer") values ('ada') returning "id"`,
    },
  },
  {
    name: "lodash",
    packages: ["lodash"],
    event: {
      people: [
        { name: "Ada", age: 36 },
        { name: "<Bo>", age: 7 },
      ],
    },
    answer: {
      byAge: { 7: ["<Bo>"], 36: ["Ada"] },
      greeting: "Hello Ada! Hello &lt;Bo&gt;!",
      sum: 499500,
      settings: { a: { b: 1, c: [1, 2] } },
    },
  },
  {
    name: "luxon",
    packages: ["luxon"],
    event: { at: "2026-07-01T12:00:00", zone: "Asia/Tokyo" },
    answer: {
      long: true,
      dayEnds: "2026-03-30T02:30:00.000+02:00",
      there: "2026-07-01 12:00 +09:00",
      french: "mercredi 1 juillet",
      isPast: true,
    },
  },
  {
    name: "marked",
    packages: ["marked"],
    event: { text: "# Title\n\n- [x] `done`\n\n| a |\n|---|\n| ~~2~~ |\n" },
    answer:
      '<h1 id="title">Title</h1>\n<ul>\n<li><input checked="" disabled="" type="checkbox"> <code>done</code></li>\n</ul>\n<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody><tr>\n<td><del>2</del></td>\n</tr>\n</tbody></table>\n<p><em>the end</em></p>\n',
  },
  {
    name: "middy",
    packages: ["@middy/core"],
    event: { name: "ada" },
    answer: { hello: "ada", steps: ["before one", "before two", "after two", "after one"] },
  },
  {
    name: "mongodb",
    packages: ["mongodb"],
    event: { customer: "ada" },
    answer: {
      insertedCount: 2,
      found: [{ _id: "6561f0c2a7b1c3d4e5f60718", customer: "ada", at: "1970-01-01T00:00:00.000Z" }],
      failure: "CommandNotFound",
    },
  },
  {
    name: "mustache",
    packages: ["mustache"],
    event: {
      people: [
        { name: "Ada", age: 36, last: false },
        { name: "B&B", age: 7, last: true },
      ],
    },
    answer: "Ada (36 years), B&amp;B (7 years)",
  },
  {
    name: "mysql2",
    packages: ["mysql2"],
    event: { text: "it's" },
    answer: {
      rows: [{ said: "select 'it\\'s' as said", answer: "42" }],
      names: ["said", "answer"],
      failure: ["ER_PARSE_ERROR", 1064],
      escaped: "insert into `orders` set `text` = 'it\\'s'",
    },
  },
  {
    name: "nanoid",
    packages: ["nanoid"],
    event: {},
    answer: { unique: 4, lengths: [21], digits: true },
  },
  {
    name: "openai",
    packages: ["openai", "zod"],
    event: { question: "Which city?" },
    answer: { parsed: { city: "Ulm", people: 128 }, words: ["one", "two"], failure: [404, true] },
  },
  {
    name: "pg",
    packages: ["pg"],
    event: { text: 'it\'s \\ a "thing"' },
    answer: {
      rows: [{ name: 'it\'s \\ a "thing"', answer: 42 }],
      simple: { name: "none", answer: 42 },
      failure: ["42601", "it was asked to fail"],
      refused: "28P01",
      literal: ` E'it''s \\\\ a "thing"'`,
      identifier: '"it\'s \\ a ""thing"""',
      big: "9007199254740993",
      date: "2026-01-02T03:04:05.000Z",
      database: "d",
    },
  },
  {
    name: "pino",
    packages: ["pino"],
    event: { user: "ada", password: "x" },
    answer: [
      { level: "info", service: "brisk", module: "init", msg: "ready" },
      {
        level: "debug",
        service: "brisk",
        module: "init",
        user: "ada",
        password: "[Redacted]",
        msg: "handled 1",
      },
    ],
  },
  {
    name: "powertools-logger",
    packages: ["@aws-lambda-powertools/logger"],
    event: { order: "o-1" },
    answer: [
      {
        level: "INFO",
        message: "taken",
        service: "orders",
        team: "brisk",
        order: "o-1",
        amount: 3,
        function_name: "powertools-logger",
        dated: true,
      },
    ],
  },
  {
    name: "powertools-tracer",
    packages: ["@aws-lambda-powertools/tracer", "@aws-lambda-powertools/metrics"],
    event: { amount: 3 },
    answer: {
      traced: false,
      segment: "object",
      values: { service: "orders", team: "brisk", sold: 3, took: 5 },
      names: ["sold", "took"],
    },
  },
  {
    name: "ramda",
    packages: ["ramda"],
    event: { orders: [{ item: { name: "tea", price: 3 } }, { item: { name: "toast", price: 5 } }] },
    answer: {
      total: 8,
      half: [{ item: { name: "tea", price: 1.5 } }, { item: { name: "toast", price: 2.5 } }],
      groups: { T: 2 },
    },
  },
  {
    name: "react",
    packages: ["react", "react-dom"],
    event: { items: [" a ", "<b>"] },
    answer: {
      empty: "<ul></ul>",
      html: '<ul><li class="dark">a</li><li class="dark">&lt;b&gt;</li></ul>',
      streamed: '<ul><li class="dark">a</li><li class="dark">&lt;b&gt;</li></ul>',
    },
  },
  {
    name: "rxjs",
    packages: ["rxjs"],
    event: { factor: 10 },
    answer: { ticks: [0, 1, 2], scaled: [20, 40], delayed: [1, 3, 6] },
  },
  {
    name: "undici",
    packages: ["undici"],
    event: { a: 1 },
    answer: [
      200,
      { method: "POST", search: "?q=1", client: "undici", body: { a: 1 } },
      200,
      { method: "PUT", search: "", client: "undici", body: { a: 1 } },
      404,
    ],
  },
  {
    name: "uuid",
    packages: ["uuid"],
    event: { name: "x" },
    answer: {
      namespace: "16932165-29af-5600-b27d-524ce3f881ae",
      named: "ba8908af-7337-5c29-b40f-95ce16c679af",
      roundTrip: true,
      valid: true,
      unique: 3,
      sorted: true,
    },
  },
  {
    name: "winston",
    packages: ["winston"],
    event: { who: "ada" },
    answer: [
      { level: "info", message: "ready", service: "brisk" },
      { level: "warn", message: "hello ada", service: "brisk" },
    ],
  },
  {
    name: "yaml",
    packages: ["yaml"],
    event: { text: "a: &x [1, two]\nb: *x\nc: |\n  text\n" },
    answer: {
      server: { retries: 3, ports: [80, 443] },
      text: "a: &a1\n  - 1\n  - two\nb: *a1\nc: |\n  text\n",
      changed: "# kept\na: 1 # one\nb:\n  - true\n  - null\n",
      isMap: true,
    },
  },
  {
    name: "yup",
    packages: ["yup"],
    event: { name: "", site: "nowhere", age: -1, tags: ["a", "B"] },
    answer: [
      "age must be greater than or equal to 0",
      "name is a required field",
      "site must be a valid URL",
      'tags[1] must match the following: "/^[a-z]+$/"',
    ],
  },
  {
    name: "zod",
    packages: ["zod"],
    event: {
      id: "0e0a6b1c-6f2e-4c7b-9d3a-2f1e5a7c9b10",
      email: "a@example.com",
      placedAt: "2026-01-02T03:04:05Z",
      lines: [{ sku: "tea", quantity: "3" }],
    },
    answer: {
      id: "0e0a6b1c-6f2e-4c7b-9d3a-2f1e5a7c9b10",
      email: "a@example.com",
      placedAt: 1767323045000,
      lines: [{ sku: "tea", quantity: 3 }],
      state: "open",
    },
  },
];
