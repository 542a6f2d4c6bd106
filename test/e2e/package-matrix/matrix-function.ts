/** A function of the matrix: its module scope uses packages as functions do at init, its handler uses what that made. */
export interface MatrixFunction {
  /** Also the module's, in `test/fixtures/packages`. */
  readonly name: string;
  /** As the repository has them installed. */
  readonly packages: readonly string[];
  /** In a few words, for docs/packages.md. */
  readonly does: string;
  readonly event: unknown;
  /** The handler's answer to the event in the first invocation after init: Node's own. */
  readonly answer: unknown;
  /** What is missing here: it does not even start by init, and says this. Counts as one without a snapshot. */
  readonly missing?: string;
  /** For the page: what is different here, though the answer is the same. */
  readonly remark?: string;
}
