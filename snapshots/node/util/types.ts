import { requireInternal } from "../../registry.ts";

type Check = (value: unknown) => boolean;

export default requireInternal("library:internal/util/types") as Record<string, Check> & {
  isAnyArrayBuffer: Check;
  isArrayBufferView: Check;
  isBoxedPrimitive: Check;
  isDate: Check;
  isMap: Check;
  isNativeError: Check;
  isPromise: Check;
  isRegExp: Check;
  isSet: Check;
  isTypedArray: Check;
  isUint8Array: Check;
};
