/** What all environments hold together. Each adds what it takes and subtracts it again. */
export interface SharedUse {
  handles: number;
  requestBytes: number;
}
