/**
 * What the specification calls the registered algorithms: for each operation the algorithms that have it, and the
 * dictionary that its parameters are read as. The host's Node has the last word on what is supported.
 */

/** What a dictionary's member is converted to. `?` behind a type: the member may be absent. */
export type MemberType = "bytes" | "integer" | "octet" | "short" | "long" | "string" | "hash" | "key";

export interface Member {
  readonly name: string;
  readonly type: MemberType;
  readonly isRequired: boolean;
}

/** Members in the order in which they are read: by their names. */
const dictionaries = {
  AeadParams: "additionalData:bytes? iv:bytes tagLength:octet?",
  AesCbcParams: "iv:bytes",
  AesCtrParams: "counter:bytes length:octet",
  AesKeyGenParams: "length:short",
  AesDerivedKeyParams: "length:short",
  Argon2Params:
    "associatedData:bytes? memory:long nonce:bytes parallelism:long passes:long secretValue:bytes? version:octet?",
  CShakeParams: "customization:bytes? functionName:bytes? outputLength:long",
  ContextParams: "context:bytes?",
  EcKeyGenParams: "namedCurve:string",
  EcKeyImportParams: "namedCurve:string",
  EcdhKeyDeriveParams: "public:key",
  EcdsaParams: "hash:hash",
  HkdfParams: "hash:hash info:bytes salt:bytes",
  HmacImportParams: "hash:hash length:long?",
  HmacKeyGenParams: "hash:hash length:long?",
  KangarooTwelveParams: "customization:bytes? outputLength:long",
  KmacImportParams: "length:long?",
  KmacKeyGenParams: "length:long?",
  KmacParams: "customization:bytes? outputLength:long",
  Pbkdf2Params: "hash:hash iterations:long salt:bytes",
  RsaHashedImportParams: "hash:hash",
  RsaHashedKeyGenParams: "modulusLength:long publicExponent:integer hash:hash",
  RsaOaepParams: "label:bytes?",
  RsaPssParams: "saltLength:long",
  TurboShakeParams: "domainSeparation:octet? outputLength:long",
} as const;

type Dictionary = keyof typeof dictionaries;
export type AlgorithmOperation =
  | "digest"
  | "generateKey"
  | "importKey"
  | "exportKey"
  | "encrypt"
  | "decrypt"
  | "sign"
  | "verify"
  | "deriveBits"
  | "get key length"
  | "wrapKey"
  | "unwrapKey"
  | "encapsulate"
  | "decapsulate"
  | "get shared key length";
type Operations = { readonly [O in AlgorithmOperation]?: Dictionary | null };

const imported = { importKey: null, exportKey: null } as const;
const aes = { ...imported, generateKey: "AesKeyGenParams", "get key length": "AesDerivedKeyParams" } as const;
const aead = { encrypt: "AeadParams", decrypt: "AeadParams" } as const;
const derivation = { importKey: null, "get key length": null } as const;
const argon2 = { ...derivation, deriveBits: "Argon2Params" } as const;
const ec = { importKey: "EcKeyImportParams", exportKey: null, generateKey: "EcKeyGenParams" } as const;
const pair = { ...imported, generateKey: null } as const;
const inContext = { ...pair, sign: "ContextParams", verify: "ContextParams" } as const;
const exchange = { ...pair, deriveBits: "EcdhKeyDeriveParams" } as const;
const kem = { ...pair, encapsulate: null, decapsulate: null, "get shared key length": null } as const;
const kmac = {
  generateKey: "KmacKeyGenParams",
  importKey: "KmacImportParams",
  exportKey: null,
  sign: "KmacParams",
  verify: "KmacParams",
  "get key length": "KmacImportParams",
} as const;
const rsa = {
  generateKey: "RsaHashedKeyGenParams",
  importKey: "RsaHashedImportParams",
  exportKey: null,
} as const;

const algorithms: Readonly<Record<string, Operations>> = {
  "AES-CBC": { ...aes, encrypt: "AesCbcParams", decrypt: "AesCbcParams" },
  "AES-CTR": { ...aes, encrypt: "AesCtrParams", decrypt: "AesCtrParams" },
  "AES-GCM": { ...aes, ...aead },
  "AES-KW": { ...aes, wrapKey: null, unwrapKey: null },
  "AES-OCB": { ...aes, ...aead },
  Argon2d: argon2,
  Argon2i: argon2,
  Argon2id: argon2,
  "ChaCha20-Poly1305": { ...pair, ...aead, "get key length": null },
  ECDH: { ...ec, deriveBits: "EcdhKeyDeriveParams" },
  ECDSA: { ...ec, sign: "EcdsaParams", verify: "EcdsaParams" },
  Ed25519: { ...pair, sign: null, verify: null },
  Ed448: inContext,
  HKDF: { ...derivation, deriveBits: "HkdfParams" },
  HMAC: {
    generateKey: "HmacKeyGenParams",
    importKey: "HmacImportParams",
    exportKey: null,
    sign: null,
    verify: null,
    "get key length": "HmacImportParams",
  },
  KMAC128: kmac,
  KMAC256: kmac,
  KT128: { digest: "KangarooTwelveParams" },
  KT256: { digest: "KangarooTwelveParams" },
  "ML-DSA-44": inContext,
  "ML-DSA-65": inContext,
  "ML-DSA-87": inContext,
  "ML-KEM-512": kem,
  "ML-KEM-768": kem,
  "ML-KEM-1024": kem,
  "MLKEM768-P256": kem,
  "MLKEM768-X25519": kem,
  "MLKEM1024-P384": kem,
  PBKDF2: { ...derivation, deriveBits: "Pbkdf2Params" },
  "RSA-OAEP": { ...rsa, encrypt: "RsaOaepParams", decrypt: "RsaOaepParams" },
  "RSA-PSS": { ...rsa, sign: "RsaPssParams", verify: "RsaPssParams" },
  "RSASSA-PKCS1-v1_5": { ...rsa, sign: null, verify: null },
  "SHA-1": { digest: null },
  "SHA-256": { digest: null },
  "SHA-384": { digest: null },
  "SHA-512": { digest: null },
  "SHA3-256": { digest: null },
  "SHA3-384": { digest: null },
  "SHA3-512": { digest: null },
  TurboSHAKE128: { digest: "TurboShakeParams" },
  TurboSHAKE256: { digest: "TurboShakeParams" },
  X25519: exchange,
  X448: exchange,
  cSHAKE128: { digest: "CShakeParams" },
  cSHAKE256: { digest: "CShakeParams" },
};

export interface Registered {
  /** As the specification spells it. */
  readonly name: string;
  readonly dictionary: string | undefined;
  readonly members: readonly Member[];
}

const { create } = Object;
const { toUpperCase } = String.prototype;
const { apply } = Reflect;

const members = create(null) as Record<string, readonly Member[]>;
for (const name in dictionaries) {
  members[name] = dictionaries[name as Dictionary].split(" ").map((text): Member => {
    const [member, type] = text.split(":") as [string, string];
    return { name: member, type: type.replace("?", "") as MemberType, isRequired: !type.endsWith("?") };
  });
}

/** By the name in upper case: names are compared without regard to case. */
const registered = create(null) as Record<string, { readonly name: string; readonly operations: Operations }>;
for (const name in algorithms) {
  registered[name.toUpperCase()] = {
    name,
    operations: { __proto__: null, ...algorithms[name] } as Operations,
  };
}

/** Undefined when no such algorithm has this operation. */
export function find(name: string, operation: AlgorithmOperation): Registered | undefined {
  const algorithm = registered[apply(toUpperCase, name, []) as string];
  const dictionary = algorithm?.operations[operation];
  if (algorithm === undefined || dictionary === undefined) return undefined;
  if (dictionary === null) return { name: algorithm.name, dictionary: undefined, members: [] };
  return { name: algorithm.name, dictionary, members: members[dictionary]! };
}
