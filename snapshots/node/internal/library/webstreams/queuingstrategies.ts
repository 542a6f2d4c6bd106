import { web } from "../../web.ts";

export const { ByteLengthQueuingStrategy, CountQueuingStrategy } = web as unknown as Record<
  string,
  new (init: {
    highWaterMark: number;
  }) => object
>;
