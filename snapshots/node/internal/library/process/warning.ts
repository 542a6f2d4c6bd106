import { libraryProcess } from "../process.ts";

type EmitWarning = (...args: unknown[]) => void;

export const emitWarning: EmitWarning = (...args) => (libraryProcess["emitWarning"] as EmitWarning)(...args);
export const emitWarningSync = emitWarning;
