import { type KeyId, newId } from '@letterlock/contract'
import { defineKeyFormat, type KeyMode } from '@letterlock/keys'
import { definePeppers, digestKey, type Pepper } from '@letterlock/keys/digest'
import { randomBytes } from 'node:crypto'
import { onTestFinished } from 'vitest'
import {
  type Change, createVerifier, type KeyRead, localProver, memoryLimits, type OldPepper, type Polled, type SecretVersion, type StoredKey,
  type VerifierOptions, type VerifierPorts, type VerifyRequest,
} from '../src/index.ts'
import { now, sampleRecord } from './samples.ts'

export const keyFormat = defineKeyFormat({ prefix: 'acme' })
export const secretsOf = { v1: randomBytes(32), v2: randomBytes(32), v3: randomBytes(32) }

export type Facets = NonNullable<Parameters<typeof sampleRecord>[0]>
export type Versions = Partial<SecretVersion & { pepper: keyof typeof secretsOf }>[]

/** A control plane in memory and a verifier on it, with clocks that are moved. Polls happen when woken. */
export function startRig(options: VerifierOptions = {}, ports: Partial<VerifierPorts> = {}) {
  const clocks = { monotonicMs: 5_000, wallMs: now.getTime() }
  const counts = { reads: 0, polls: 0, digests: 0 }
  const seen = { unknownPeppers: [] as unknown[], oldPeppers: [] as OldPepper[], errors: [] as string[] }
  const world = {
    revision: 1,
    log: [] as (Change & { revision: number })[],
    stored: new Map<KeyId, StoredKey>(),
    isOut: false,
    // what a test puts between a question and its answer, the answer being taken before
    beforeReadAnswers: async () => {},
    beforePollAnswers: async (_signal: AbortSignal) => {},
    changesSince: (after: number): Polled['changes'] => world.log.filter(({ revision }) => revision > after),
  }
  const [v2, v1] = definePeppers([{ version: 'v2', secret: secretsOf.v2 }, { version: 'v1', secret: secretsOf.v1 }])
  const counted = ({ version, key }: Pepper): Pepper => ({ version, get key() { counts.digests += 1; return key } })
  const clock = () => new Date(clocks.wallMs)
  const proveToken = localProver({
    readKey,
    peppers: [counted(v2), ...(v1 ? [counted(v1)] : [])],
    onUnknownPepper: (fault) => void seen.unknownPeppers.push(fault),
    onOldPepper: (found) => void seen.oldPeppers.push(found),
  })
  const verifier = createVerifier(
    {
      keyFormat, proveToken, pollChanges, clock, monotonic: () => clocks.monotonicMs,
      takeTokens: memoryLimits({ clock }).takeTokens,
      onError: (error, during) => void seen.errors.push(`${during}: ${(error as Error).message}`),
      ...ports,
    },
    { pollEveryMs: 3_600_000, ...options },
  )
  onTestFinished(() => verifier.stop())
  return { verifier, clocks, counts, seen, world, addKey, change, edit, poll, pass, verify }

  async function readKey(keyId: KeyId): Promise<KeyRead> {
    counts.reads += 1
    if (world.isOut) throw new Error('out')
    const answer = { revision: world.revision, stored: world.stored.get(keyId) ?? null }
    await world.beforeReadAnswers()
    return answer
  }

  async function pollChanges(after: number | null, signal: AbortSignal): Promise<Polled> {
    counts.polls += 1
    if (world.isOut) throw new Error('out')
    const answer = { revision: world.revision, changes: after === null ? [] : world.changesSince(after) }
    await world.beforePollAnswers(signal)
    return answer
  }

  /** A key with a secret for each of the versions. */
  function addKey(facets: Facets & { mode?: KeyMode } = {}, versions: Versions = [{}]) {
    const id = facets.keyId ?? newId('key')
    const record = sampleRecord({ ...facets, keyId: id })
    const tokens = versions.map(() => keyFormat.issue({ mode: record.mode, keyId: id }).token)
    const secrets = versions.map(({ pepper = 'v2', retiresAt = null }, index): SecretVersion => {
      const [made] = definePeppers([{ version: pepper, secret: secretsOf[pepper] }])
      return { version: index + 1, digest: digestKey(tokens[index] ?? '', made).digest, pepperVersion: pepper, retiresAt }
    })
    world.stored.set(id, { record, secrets })
    return { id, record, tokens, token: (tokens[0] ?? '') as string }
  }

  /** A transaction of the control plane. */
  function change(kind: string, id: string) {
    world.revision += 1
    world.log.push({ kind, id, revision: world.revision })
  }

  /** Changes a stored key and says so, unless it is something else that changed. */
  function edit(id: KeyId, facets: Facets, { kind, id: changedId }: Change = { kind: 'key', id }) {
    const stored = world.stored.get(id)
    if (!stored) throw new Error('no such key')
    world.stored.set(id, { ...stored, record: { ...stored.record, ...(facets as object) } })
    change(kind, changedId)
  }

  /** Polls, and waits until the answer is applied or the poll has failed. */
  async function poll() {
    const before = verifier.state()
    verifier.wake()
    for (;;) {
      const { polls, pollFailures, revision } = verifier.state()
      await new Promise((resolve) => setImmediate(resolve))
      if (polls > before.polls && (pollFailures > before.pollFailures || revision === world.revision)) return
    }
  }

  function pass(ms: number) {
    clocks.monotonicMs += ms
    clocks.wallMs += ms
  }

  function verify(key: string, request: Partial<VerifyRequest> = {}) {
    return verifier.verify({ key, modes: ['live', 'test'], scope: 'contacts:read', ip: '192.0.2.7', ...request })
  }
}

export type Rig = ReturnType<typeof startRig>

/** A rig whose view is fresh. */
export async function startFreshRig(options: VerifierOptions = {}, ports: Partial<VerifierPorts> = {}) {
  const rig = startRig(options, ports)
  await rig.verifier.start()
  return rig
}

/** Something to wait at until it is opened. */
export function gate() {
  return Promise.withResolvers<void>()
}

/** A fresh verifier that holds one key. */
export async function startWarm(facets: Facets = {}) {
  const rig = await startFreshRig()
  const key = rig.addKey(facets)
  await rig.verify(key.token)
  if (rig.counts.reads !== 1) throw new Error(`${rig.counts.reads} reads made one key warm`)
  return { ...rig, ...key }
}

export const codeOf = async (outcome: unknown) => ((await outcome) as { code: string }).code
