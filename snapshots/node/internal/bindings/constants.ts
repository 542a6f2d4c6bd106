import { fileConstants } from "../file-constants.ts";
import { osConstants } from "../os-constants.ts";

export const os = { errno: osConstants.errno, signals: osConstants.signals };
export const fs = fileConstants;
export const zlib = { BROTLI_OPERATION_FLUSH: 1 };
/** Levels of tracing, which nobody listens to here. */
export const trace = {
  TRACE_EVENT_PHASE_BEGIN: 66,
  TRACE_EVENT_PHASE_END: 69,
  TRACE_EVENT_PHASE_COMPLETE: 88,
  TRACE_EVENT_PHASE_INSTANT: 73,
  TRACE_EVENT_PHASE_ASYNC_BEGIN: 83,
  TRACE_EVENT_PHASE_ASYNC_END: 70,
  TRACE_EVENT_PHASE_NESTABLE_ASYNC_BEGIN: 98,
  TRACE_EVENT_PHASE_NESTABLE_ASYNC_END: 101,
  TRACE_EVENT_PHASE_NESTABLE_ASYNC_INSTANT: 110,
  TRACE_EVENT_PHASE_COUNTER: 67,
};
