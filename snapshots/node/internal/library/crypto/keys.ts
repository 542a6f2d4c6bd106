const tag = (value: unknown) => Object.prototype.toString.call(value).slice(8, -1);

export const isKeyObject = (value: unknown): boolean => tag(value) === "KeyObject";
export const isCryptoKey = (value: unknown): boolean => tag(value) === "CryptoKey";
