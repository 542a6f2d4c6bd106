/** Where Lambda puts a function's code. */
export const taskRoot = "/var/task";
/** Where Lambda puts what the function's layers hold. */
export const layerRoot = "/opt";

/** Whether an absolute path lies where a function's own files or its layers' do. */
export function isFunctionFile(path: string): boolean {
  return path.startsWith(`${taskRoot}/`) || path.startsWith(`${layerRoot}/`);
}
