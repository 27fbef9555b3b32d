import type { EmitEvent } from '../webhooks/test-webhooks.ts'
import type { MemoryEnvironment } from './environment.ts'
import { usedOf } from './meters.ts'

/** Shares of a quota that are told of, the largest first. */
const thresholds = [100, 80]

/** Tells, once for each month, of quotas that are nearly or wholly used up. */
export function tellQuotas(environment: MemoryEnvironment, now: Date, emit: EmitEvent): void {
  const month = now.toISOString().slice(0, 7)
  for (const [meter, quota] of environment.quotas) {
    const used = usedOf(environment, meter, now)
    const percent = thresholds.find((each) => quota > 0 && used * 100 >= quota * each)
    if (percent === undefined || environment.toldQuotas.has(`${meter} ${month} ${percent} ${quota}`)) continue
    environment.toldQuotas.add(`${meter} ${month} ${percent} ${quota}`)
    emit('quota.threshold', { meter, month, percent, used, quota, soft: false })
  }
}
