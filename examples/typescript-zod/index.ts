import { z } from "zod";

const Order = z.object({
  item: z.string().min(1),
  quantity: z.number().int().min(1).max(100),
  priceCents: z.number().int().nonnegative(),
});
type Order = z.infer<typeof Order>;

interface UrlEvent {
  body?: string;
  isBase64Encoded?: boolean;
}

function totalCents({ quantity, priceCents }: Order): number {
  return quantity * priceCents;
}

function parseBody({ body = "", isBase64Encoded = false }: UrlEvent): unknown {
  try {
    return JSON.parse(isBase64Encoded ? Buffer.from(body, "base64").toString() : body);
  } catch {
    return undefined;
  }
}

/** POST an order to the function's URL: 200 with its total, or 400 that names each wrong field. */
export const handler = async (event: UrlEvent) => {
  const order = Order.safeParse(parseBody(event));
  if (!order.success) {
    const problems = order.error.issues.map(({ path, message }) => ({ field: path.join("."), message }));
    return json(400, { problems });
  }
  return json(200, { item: order.data.item, totalCents: totalCents(order.data) });
};

function json(statusCode: number, value: unknown) {
  return { statusCode, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}
