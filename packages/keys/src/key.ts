/** What a key consists of; the brands keep a token, its id and its redacted form apart. */

declare const brand: unique symbol

/** `key_` + 26 characters: the id shown everywhere, and the part of a token that is not secret. */
export type KeyId = string & { readonly [brand]: 'KeyId' }

/** A whole key, secret included; its checksum is right, which proves nothing about its validity. */
export type KeyToken = string & { readonly [brand]: 'KeyToken' }

/** A key as it may be logged and shown: too little of it is left to rebuild the secret. */
export type RedactedKey = string & { readonly [brand]: 'RedactedKey' }

/** Every mode a key can have; each is 4 letters, so all keys of a format are equally long. */
export const keyModes = ['live', 'test', 'root'] as const

/** `live` and `test` open one environment of a workspace, `root` opens the management API. */
export type KeyMode = (typeof keyModes)[number]

/** Gives `length` bytes from a cryptographically secure source. */
export type RandomBytes = (length: number) => Uint8Array
