import { requireInternal } from "../registry.ts";

interface Decoder {
  write(bytes: Uint8Array): string;
  end(bytes?: Uint8Array): string;
}

export default requireInternal("library:string_decoder") as {
  StringDecoder: new (encoding?: string) => Decoder;
};
