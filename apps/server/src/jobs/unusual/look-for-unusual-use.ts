import type { KeyId, WorkspaceId } from '@letterlock/contract'
import { alerts, type Db, keyHabits, nodes, type Tx } from '@letterlock/db'
import { networkOf } from '../../management/advice/advise.ts'
import { type Finding, findUnusual } from './find-unusual.ts'
import { dayMs, type Habits, learn, type Observation } from './habits.ts'

const windowMs = 600_000
/** Learnt from before the first alert. */
const historyMs = 28 * dayMs
/** What was missed is read so much at a time, and the rest at the next run. */
const atOnceMs = dayMs
const stepsPerRun = 40
/** What is younger may not be saved yet by a node whose clock is late. */
const unsettledMs = 120_000

/** What to do about it, by procedure. */
const actions: Readonly<Record<Finding['kind'], string>> = {
  'key.new_network': 'keys.quarantine',
  'key.two_places': 'keys.quarantine',
  'key.volume_jump': 'advice.accept',
  'key.used_after_silence': 'keys.rotate',
  'key.probing': 'keys.quarantine',
}

/** Looks, ten minutes at a time, for uses of keys that are not usual for them, and raises an alert for each kind, key and day. */
export async function lookForUnusualUse({ db, clock }: { readonly db: Db; readonly clock: () => Date }): Promise<void> {
  const settled = await nodes.findUsageSettled(db, clock())
  if (!settled) return
  const end = floorToWindow(settled.through.getTime() - unsettledMs)
  for (let step = 0; step < stepsPerRun; step++) {
    if (!(await db.transaction().execute((tx) => lookOnce(tx, end, clock())))) return
  }
}

/** False when there is nothing more to look at, or somebody else looks. */
async function lookOnce(tx: Tx, end: number, now: Date): Promise<boolean> {
  const progress = await keyHabits.lockProgress(tx, { first: new Date(floorToWindow(now.getTime() - historyMs)), now })
  if (!progress || progress.through.getTime() >= end) return false
  const to = new Date(Math.min(end, progress.through.getTime() + atOnceMs))
  const uses = await keyHabits.readWindows(tx, { from: progress.through, to, seconds: windowMs / 1_000 })
  const stored = await keyHabits.findHabits(tx, [...new Set(uses.map(({ keyId }) => keyId))])
  const habits = new Map([...stored].map(([keyId, each]) => [keyId, each as Habits])) // as they were saved below
  for (const seen of observationsOf(uses)) {
    const before = habits.get(seen.keyId) ?? null
    if (seen.from >= progress.startedAt.getTime() - windowMs) for (const finding of findUnusual(before, seen)) await tell(tx, seen, finding)
    habits.set(seen.keyId, learn(before, seen))
  }
  await keyHabits.saveHabits(tx, habits, now)
  await keyHabits.setProgress(tx, to)
  return true
}

interface KeyObservation extends Observation {
  readonly keyId: KeyId
  readonly workspaceId: WorkspaceId
}

/** One for each key and window, in order of time. */
function observationsOf(uses: readonly keyHabits.UseInWindow[]): KeyObservation[] {
  const ofEach = Map.groupBy(uses, ({ window, keyId }) => `${window.getTime()} ${keyId}`)
  return [...ofEach.values()].flatMap((rows): KeyObservation[] => {
    const [first] = rows
    if (!first) return []
    const from = first.window.getTime()
    const networks = new Map<string, number>()
    for (const { ip, requests } of rows) {
      const network = networkOf(ip)
      if (network !== null) networks.set(network, (networks.get(network) ?? 0) + requests)
    }
    const refused = { requests: sumOf(rows.map((row) => row.refused)), operations: [...new Set(rows.flatMap((row) => row.refusedOperations ?? []))] }
    const { keyId, workspaceId } = first
    return [{ keyId, workspaceId, from, to: from + windowMs, requests: sumOf(rows.map((row) => row.requests)), networks, refused }]
  })
}

function tell(tx: Tx, { keyId, workspaceId, from }: KeyObservation, { kind, explanation, evidence }: Finding): Promise<boolean> {
  const at = new Date(from)
  const detail = { explanation, action: actions[kind], since: at.toISOString(), ...evidence }
  return alerts.raiseAlert(tx, workspaceId, { kind, subject: keyId, occasion: at.toISOString().slice(0, 10), detail, now: at })
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0)
}

function floorToWindow(ms: number): number {
  return Math.floor(ms / windowMs) * windowMs
}
