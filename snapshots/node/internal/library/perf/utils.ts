import { web } from "../../web.ts";

export const now = (): number => web.performance.now();
export const isTimerMeasurementEnabled = (): boolean => false;
