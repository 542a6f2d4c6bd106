/** Logs: Lambda's lines as text, and where they are kept. Metrics and traces will stand beside them. */
export { createFileLogStore, type FileLogStoreOptions } from "./file-log-store.ts";
export {
  consoleLine,
  type ErrorOrigin,
  endLine,
  errorLine,
  initReportLine,
  initStartLine,
  type LogLevel,
  logGroupName,
  logStreamName,
  type ReportFigures,
  reportLine,
  restoreReportLine,
  restoreStartLine,
  runtimeVersion,
  startLine,
  timeoutLine,
  xrayLine,
} from "./lines.ts";
export { LogReader } from "./log-reader.ts";
export type { LogEvent, LogStore, LogStream, ReadOptions } from "./log-store.ts";
export { newest } from "./newest.ts";
export { RotatingFile, type RotatingFileOptions } from "./rotating-file.ts";
