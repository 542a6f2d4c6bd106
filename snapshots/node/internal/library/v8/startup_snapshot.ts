/** Node's own snapshots, which are others than ours: a frozen heap holds everything that the library makes. */
export const namespace = {
  addDeserializeCallback(): void {},
  addSerializeCallback(): void {},
  setDeserializeMainFunction(): void {},
  isBuildingSnapshot: (): boolean => false,
};
export const { addDeserializeCallback, addSerializeCallback, isBuildingSnapshot } = namespace;
export const addAfterUserSerializeDeserializeSnapshot = (): void => {};
