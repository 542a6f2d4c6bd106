import type { MatrixFunction } from "../matrix-function.ts";

/** Clients of databases, each over sockets to a server of its protocol. */
export const databaseFunctions: readonly MatrixFunction[] = [
  {
    name: "ioredis",
    packages: ["ioredis"],
    does: "commands and a pipeline with a key prefix, over a socket",
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
    name: "knex",
    packages: ["knex"],
    does: "builds queries with bindings",
    event: { customer: "ada" },
    answer: {
      sql: 'select * from "orders" where "state" = $1 and "customer" = $2 and "id" in (select "order_id" from "lines" where "quantity" > $3) order by "placed_at" desc limit $4',
      bindings: ["open", "ada", 2, 5],
      text: `insert into "orders" ("customer") values ('ada') returning "id"`,
    },
  },
  {
    name: "mongodb",
    packages: ["mongodb"],
    does: "deletes, inserts and finds documents over a socket; a command that fails",
    event: { customer: "ada" },
    answer: {
      insertedCount: 2,
      found: [{ _id: "6561f0c2a7b1c3d4e5f60718", customer: "ada", at: "1970-01-01T00:00:00.000Z" }],
      failure: "CommandNotFound",
    },
  },
  {
    name: "mysql2",
    packages: ["mysql2"],
    does: "a pool that logs in and queries over a socket; a query that fails",
    event: { text: "it's" },
    answer: {
      rows: [{ said: "select 'it\\'s' as said", answer: "42" }],
      names: ["said", "answer"],
      failure: ["ER_PARSE_ERROR", 1064],
      escaped: "insert into `orders` set `text` = 'it\\'s'",
    },
  },
  {
    name: "pg",
    packages: ["pg"],
    does: "a pool that logs in (SCRAM) and queries over a socket; a query that fails, a wrong password",
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
];
