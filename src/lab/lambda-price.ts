import type { Pricing } from "./model.ts";

/**
 * What Lambda asks for on demand in us-east-1, first tier, without the free tier: https://aws.amazon.com/lambda/pricing/,
 * as of November 2026; unchanged since December 2020, when billing went from 100 ms to 1 ms.
 */
export const lambdaPrice: Pricing = {
  source: "AWS Lambda, us-east-1, x86_64, November 2026",
  usdPerGbSecond: 0.0000166667,
  usdPerRequest: 0.0000002,
};
