/** May this key do this now? A pure decision and the shell around it. */
export type { Ask, ProvenKey } from './ask.ts'
export { createVerifier, type Verifier, type VerifierOptions, type VerifierState, type Verify, type View } from './create-verifier.ts'
export { decide } from './decide.ts'
export { type Check, explain } from './explain.ts'
export { type AddressRange, isInRanges, parseAddressRange } from './ip-allow.ts'
export { defaultRateLimit, type KeyFacts, type KeyPolicy, type KeyRecord, keyRecord } from './key-record.ts'
export { localProver, type LocalProverPorts, type OldPepper } from './local-prover.ts'
export { memoryLimits, type MemoryLimits } from './memory-limits.ts'
export type { CountRefusal, Decision, LimitsSeen, NoAnswer, Outcome, OutcomeCode, Proven, ProvenOutcome, Refusal } from './outcome.ts'
export type {
  Change, KeyRead, PollChanges, Polled, Proof, ProveToken, QuotaDemand, QuotaTaken, ReadKey, StoredKey, TakeQuota, VerifierPorts,
} from './ports.ts'
export type { SecretVersion } from './prove-secret.ts'
export { type NamedLimit, parseNamedLimit, type RateLimitText } from './rate-limit.ts'
export type { LimitState, LimitStore, Taken, TakeTokens } from './take-tokens.ts'
export type { VerifyRequest } from './verify-request.ts'
