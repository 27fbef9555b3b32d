/** Meters: balances that quotas bound, and the ledger that explains every unit of them. */
import type { EnvironmentId } from '@letterlock/contract'
import { sql } from 'kysely'
import type { Db, Tx } from './connect.ts'
import { meterPeriod } from './meter-period.ts'

export { type MeterPeriod, meterPeriod } from './meter-period.ts'

/** What is counted exactly, in the transaction of the work. */
export type Meter = 'contacts.stored' | 'emails.sent'

declare const platform: unique symbol

/** A meter of the platform's own, a name that `parseMeter` has read. */
export type PlatformMeter = string & { readonly [platform]: true }

/** Reads the name of a meter: lower-case letters, digits, `_` and `.`, 64 at most, a letter first; null when it is none. */
export function parseMeter(name: string): Meter | PlatformMeter | null {
  return /^[a-z][a-z0-9_.]{0,63}$/.test(name) ? (name as PlatformMeter) : null
}

/** Whether a taking may be known by it: 1 to 255 characters that the database can keep. */
export function isReference(text: string): boolean {
  return text.length >= 1 && text.length <= 255 && !text.includes('\0') && text.isWellFormed()
}

/** Who takes how much of what; the reference makes the same taking count once. */
export interface Taking {
  readonly meter: Meter | PlatformMeter
  /** At least 1. */
  readonly amount: number
  readonly reference: string
  readonly now: Date
}

export interface QuotaExceeded {
  readonly ok: false
  readonly limit: number
  readonly used: number
  readonly resetsAt: Date | null
}

/**
 * Takes the whole amount, or nothing when the quota does not allow it. A reference that took before takes nothing more.
 * Many takers at once never get more than the quota: see {@link takeOnce}.
 */
export async function takeMeter(
  tx: Tx,
  environmentId: EnvironmentId,
  taking: Taking,
): Promise<{ readonly ok: true; readonly used: number } | QuotaExceeded> {
  const taken = await takeOnce(tx, environmentId, taking)
  if (taken.state !== 'refused') return { ok: true, used: taken.used }
  const { resetsAt } = meterPeriod(taking.meter, taking.now)
  return { ok: false, limit: taken.limit, used: taken.used, resetsAt }
}

/**
 * {@link takeMeter} in a transaction of its own, for takers whose work is elsewhere. Repeated while another session
 * makes it fail (deadlock, serialization), five times at most.
 * @throws RangeError for a name that is no meter, an amount that is no whole number of 1 or more, a reference of none
 * or more than 255 characters, or of some that cannot be kept
 */
export async function takeQuota(
  db: Db,
  environmentId: EnvironmentId,
  { now, ...demand }: { readonly meter: string; readonly amount: number; readonly reference: string; readonly now: Date },
): Promise<{ readonly ok: true; readonly used: number } | QuotaExceeded> {
  const meter = parseMeter(demand.meter)
  const { amount, reference } = demand
  if (!meter || !Number.isSafeInteger(amount) || amount < 1 || !isReference(reference)) {
    throw new RangeError('A demand names a meter, a whole amount of 1 or more, and a reference of 1 to 255 characters.')
  }
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute((tx) => takeMeter(tx, environmentId, { meter, amount, reference, now }))
    } catch (error) {
      if (attempt === 5 || !isPassing(error)) throw error
    }
  }
}

// serialization_failure, deadlock_detected: nothing was taken, and the same may succeed now
function isPassing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === '40001' || error.code === '40P01')
}

/** Takes as much of the amount as the quota still allows; returns how much that was. A replay returns what it was then. */
export async function takeUpTo(tx: Tx, environmentId: EnvironmentId, taking: Taking): Promise<number> {
  for (let { amount } = taking; ; ) {
    const taken = await takeOnce(tx, environmentId, { ...taking, amount })
    if (taken.state !== 'refused') return taken.amount
    amount = taken.limit - taken.used // less than what was refused, so the rounds end
    if (amount <= 0) return 0
  }
}

/** Gives back what is no longer stored or was not sent after all. A reference gives once. */
export async function giveMeter(tx: Tx, environmentId: EnvironmentId, giving: Taking): Promise<void> {
  const { meter, amount, reference, now } = giving
  await sql`
    with given as (
      insert into meter_ledger (environment_id, meter, reference, amount, at)
      values (${environmentId}, ${meter}, ${reference}, ${-amount}, ${now})
      on conflict do nothing
      returning amount
    )
    update meter_balances set used = used + given.amount from given
    where environment_id = ${environmentId} and meter = ${meter} and period_start = ${meterPeriod(meter, now).start}
  `.execute(tx)
}

/** Locks the balance until the transaction ends: no one takes or gives meanwhile. `limit` null: none. */
export async function lockMeter(
  tx: Tx,
  environmentId: EnvironmentId,
  { meter, now }: { meter: Meter; now: Date },
): Promise<{ used: number; limit: number | null }> {
  const period_start = meterPeriod(meter, now).start
  for (;;) {
    const { rows: [balance] } = await sql<{ used: number; limit: number | null }>`
      with locked as (
        select used from meter_balances
        where environment_id = ${environmentId} and meter = ${meter} and period_start = ${period_start}
        for update
      )
      select used, meter_limit(${environmentId}, ${meter}, ${now}::timestamptz) as "limit" from locked
    `.execute(tx)
    if (balance) return balance
    await tx
      .insertInto('meter_balances')
      .values({ environment_id: environmentId, meter, period_start, used: 0 })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}

type TakenOnce =
  | { state: 'taken' | 'before'; used: number; amount: number }
  | { state: 'refused'; used: number; limit: number }

/**
 * One guarded statement. Races it decides: of two takers with the same reference the second waits at the ledger's
 * unique index and then finds nothing to do; takers with other references queue at the row of the balance, and each
 * sees in its `where` what the one before left. `full` only spares the queue when there is plainly nothing to get.
 */
async function takeOnce(tx: Tx, environmentId: EnvironmentId, taking: Taking): Promise<TakenOnce> {
  const { meter, amount, reference, now } = taking
  const { start } = meterPeriod(meter, now)
  const { rows: [row] } = await sql<{
    isNew: boolean
    used: number | null
    limit: number | null
    before: number | null
    fullAt: number | null
  }>`
    with full_at as (
      select b.used from meter_balances b
      where b.environment_id = ${environmentId} and b.meter = ${meter} and b.period_start = ${start}
        and b.used + ${amount}::bigint > meter_limit(${environmentId}, ${meter}, ${now}::timestamptz)
    ), claimed as (
      insert into meter_ledger (environment_id, meter, reference, amount, at)
      select ${environmentId}, ${meter}, ${reference}, ${amount}::bigint, ${now}::timestamptz
      where not exists (select from full_at)
      on conflict do nothing
      returning amount
    ), balance as (
      insert into meter_balances as b (environment_id, meter, period_start, used)
      select ${environmentId}, ${meter}, ${start}::timestamptz, claimed.amount from claimed
      where claimed.amount <= coalesce(meter_limit(${environmentId}, ${meter}, ${now}::timestamptz), 9223372036854775807)
      on conflict (environment_id, meter, period_start) do update set used = b.used + excluded.used
      where b.used + excluded.used <= coalesce(meter_limit(${environmentId}, ${meter}, ${now}::timestamptz), 9223372036854775807)
      returning b.used
    )
    select exists (select from claimed) as "isNew", (select used from balance) as used,
      case when not exists (select from balance) then meter_limit(${environmentId}, ${meter}, ${now}::timestamptz) end as "limit", (select used from full_at) as "fullAt",
      (
        select amount from meter_ledger
        where environment_id = ${environmentId} and meter = ${meter} and reference = ${reference}
      ) as before
  `.execute(tx)
  if (!row) throw new Error('a select without a table always has a row')
  const { limit } = row
  if (row.used !== null) return { state: 'taken', used: row.used, amount }
  if (!row.isNew && (row.before !== null || row.fullAt === null)) return { state: 'before', ...(await getTaken(tx, environmentId, taking)) }
  const used = row.isNew ? await unclaim(tx, environmentId, taking) : (row.fullAt ?? 0)
  // a quota that was raised or taken away since does not refuse
  return limit === null || used + amount <= limit ? takeOnce(tx, environmentId, taking) : { state: 'refused', used, limit }
}

/** Takes a refused claim out of the ledger again; returns the balance that refused it. */
async function unclaim(tx: Tx, environmentId: EnvironmentId, { meter, reference, now }: Taking): Promise<number> {
  await tx
    .deleteFrom('meter_ledger')
    .where('environment_id', '=', environmentId)
    .where('meter', '=', meter)
    .where('reference', '=', reference)
    .execute()
  return findUsed(tx, environmentId, { meter, now })
}

async function getTaken(tx: Tx, environmentId: EnvironmentId, { meter, reference, now }: Taking) {
  const { amount } = await tx
    .selectFrom('meter_ledger')
    .select('amount')
    .where('environment_id', '=', environmentId)
    .where('meter', '=', meter)
    .where('reference', '=', reference)
    .executeTakeFirstOrThrow()
  return { amount, used: await findUsed(tx, environmentId, { meter, now }) }
}

/** What is used in the running period; 0 when nothing was ever taken. */
export async function findUsed(
  db: Db | Tx,
  environmentId: EnvironmentId,
  { meter, now }: { meter: string; now: Date },
): Promise<number> {
  const row = await db
    .selectFrom('meter_balances')
    .select('used')
    .where('environment_id', '=', environmentId)
    .where('meter', '=', meter)
    .where('period_start', '=', meterPeriod(meter, now).start)
    .executeTakeFirst()
  return row?.used ?? 0
}

/** What is used of meters in their running periods. */
export async function listUsed(
  db: Db | Tx, environmentId: EnvironmentId, { meters, now }: { meters: readonly string[]; now: Date },
): Promise<Map<string, number>> {
  const used = new Map<string, number>()
  for (const meter of meters) used.set(meter, await findUsed(db, environmentId, { meter, now }))
  return used
}
