import type { Peppers } from '@letterlock/keys/digest'
import { hkdfSync } from 'node:crypto'

/** Secrets for links and Message-IDs, each used for one thing only. */
export interface DerivedSecrets {
  /** One per pepper, newest first; old links keep working while their pepper is listed. */
  readonly unsubscribe: readonly { version: string; secret: Uint8Array }[]
  readonly messageId: Uint8Array
}

/** Derives the other secrets from the peppers by HKDF-SHA-256 (RFC 5869), so that there is one thing to keep safe. */
export function deriveSecrets(peppers: Peppers): DerivedSecrets {
  const derive = (index: number, purpose: string) => {
    const pepper = peppers[index] ?? peppers[0]
    return new Uint8Array(hkdfSync('sha256', pepper.key, 'letterlock', purpose, 32))
  }
  return {
    unsubscribe: peppers.map(({ version }, index) => ({ version: linkVersion(version), secret: derive(index, 'unsubscribe links') })),
    messageId: derive(peppers.length - 1, 'message ids'),
  }
}

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

// links name their secret by one character: 61 peppers may pass before one comes round again
function linkVersion(pepperVersion: string): string {
  return digits.charAt(Number(pepperVersion.slice(1)) % digits.length)
}
