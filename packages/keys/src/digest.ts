/** The door for servers: what to store of a key, and how to check one against it. Needs node:crypto. */
export { digestEquals, digestKey, matchDigest } from './digest-key.ts'
export type { DigestMatch, KeyDigest, StoredDigest } from './digest-key.ts'
export { digestForeignKey } from './digest-foreign-key.ts'
export type { ForeignDigest } from './digest-foreign-key.ts'
export { definePeppers, parsePeppers, PepperError } from './peppers.ts'
export type { Pepper, PepperEntry, PepperFault, Peppers } from './peppers.ts'
