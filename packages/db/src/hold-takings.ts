/** Takings wait for a change of quotas, so that each of them is before the change or heeds it. */
import type { WorkspaceId } from '@letterlock/contract'
import { sql } from 'kysely'
import type { Tx } from './connect.ts'
import { meterPeriod } from './meters.ts'

/**
 * Locks the balances of live environments until the transaction ends: those of meters that have a quota or a spend
 * limit, that the plan bounds, or that are named. To be called before quotas or spend limits change. Whoever took before
 * is waited for; whoever takes meanwhile waits, and then `meter_limit()` reads the limit as it has become.
 */
export async function holdTakings(tx: Tx, workspaceIds: readonly WorkspaceId[], { meters = [], now }: { meters?: readonly string[]; now: Date }): Promise<void> {
  const [flows, levels] = [meterPeriod('emails.sent', now).start, meterPeriod('contacts.stored', now).start]
  await sql`
    insert into meter_balances as b (environment_id, meter, period_start, used)
    select e.id, bounded.meter, case bounded.meter when 'contacts.stored' then ${levels}::timestamptz else ${flows} end, 0
    from environments e join workspaces w on w.id = e.workspace_id
    cross join lateral (
      select meter collate "C" from unnest(${meters}::text[]) as named (meter)
      union select meter from quotas where environment_id = e.id
      union select meter from spend_limits where environment_id = e.id
      union select jsonb_object_keys(quotas || soft_quotas) collate "C" from plans where id = w.plan_id
    ) as bounded
    where e.workspace_id = any(${workspaceIds}::text[]) and e.mode = 'live'
    order by 1, 2
    on conflict (environment_id, meter, period_start) do update set used = b.used
  `.execute(tx)
}
