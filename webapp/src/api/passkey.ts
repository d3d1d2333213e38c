/** Passkeys: between the JSON of the server and what the browser's credentials interface takes. */

type Json = Record<string, unknown>;

/** Whether this browser knows passkeys at all. */
export function hasPasskeys(): boolean {
  return typeof PublicKeyCredential === "function" && "credentials" in navigator;
}

export function readBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

export function writeBase64Url(bytes: ArrayBuffer): string {
  const plain = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function readCredentials(listed: unknown): PublicKeyCredentialDescriptor[] {
  if (!Array.isArray(listed)) return [];
  return (listed as (Json & { id: string })[]).map((one) => ({
    ...one,
    type: "public-key",
    id: readBase64Url(one.id),
  }));
}

/** Let the person answer with a passkey; `null` when he leaves the browser's question. */
export async function answerWithPasskey(options: Json, signal?: AbortSignal): Promise<Json | null> {
  const publicKey = {
    ...options,
    challenge: readBase64Url(String(options.challenge)),
    allowCredentials: readCredentials(options.allowCredentials),
  };
  const asked = signal === undefined ? { publicKey } : { publicKey, signal };
  const given = await orNull(navigator.credentials.get(asked));
  if (given === null) return null;
  const answer = given.response as AuthenticatorAssertionResponse;
  return {
    ...describe(given),
    response: {
      clientDataJSON: writeBase64Url(answer.clientDataJSON),
      authenticatorData: writeBase64Url(answer.authenticatorData),
      signature: writeBase64Url(answer.signature),
      userHandle: answer.userHandle === null ? null : writeBase64Url(answer.userHandle),
    },
  };
}

/** Let the person make a passkey; `null` when he leaves the browser's question. */
export async function makePasskey(options: Json): Promise<Json | null> {
  const user = options.user as Json & { id: string };
  const publicKey = {
    ...options,
    challenge: readBase64Url(String(options.challenge)),
    user: { ...user, id: readBase64Url(user.id) },
    excludeCredentials: readCredentials(options.excludeCredentials),
  } as unknown as PublicKeyCredentialCreationOptions;
  const made = await orNull(navigator.credentials.create({ publicKey }));
  if (made === null) return null;
  const answer = made.response as AuthenticatorAttestationResponse;
  return {
    ...describe(made),
    response: {
      clientDataJSON: writeBase64Url(answer.clientDataJSON),
      attestationObject: writeBase64Url(answer.attestationObject),
      transports: answer.getTransports(),
    },
  };
}

async function orNull(asked: Promise<Credential | null>): Promise<PublicKeyCredential | null> {
  try {
    return (await asked) as PublicKeyCredential | null;
  } catch (thrown) {
    const left = thrown instanceof DOMException && /NotAllowed|Abort/.test(thrown.name);
    if (left) return null;
    throw thrown;
  }
}

function describe(credential: PublicKeyCredential): Json {
  return {
    id: credential.id,
    rawId: writeBase64Url(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}
