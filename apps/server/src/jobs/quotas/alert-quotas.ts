import { alerts, type Db, quotaCrossings } from '@letterlock/db'

const crossingsPerBatch = 500
// a period's last minutes are looked at after its end, even when the sweep was late
const lookBackMs = 3_600_000

/** Raises `quota.threshold` for what reached 50, 80 or 100 % of a quota; each once in a month, as long as the quota stays. */
export async function alertQuotas({ db, clock }: { readonly db: Db; readonly clock: () => Date }): Promise<void> {
  const now = clock()
  const since = new Date(now.getTime() - lookBackMs)
  for (;;) {
    const crossings = await quotaCrossings.listCrossings(db, { since, now, limit: crossingsPerBatch })
    await db.transaction().execute(async (tx) => {
      for (const crossing of crossings) await alerts.raiseAlert(tx, crossing.workspaceId, toAlert(crossing, now))
    })
    if (crossings.length < crossingsPerBatch) return
  }
}

function toAlert(crossing: quotaCrossings.Crossing, now: Date): alerts.NewAlert {
  const { meter, month, percent, used, quota, isSoft } = crossing
  const detail = { month, percent, used, quota, soft: isSoft }
  return { kind: 'quota.threshold', subject: meter, occasion: quotaCrossings.occasionOf(crossing), detail, now }
}
