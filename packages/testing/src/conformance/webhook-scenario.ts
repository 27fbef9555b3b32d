import { newWebhookSecret, type SignedWebhook, signWebhook } from 'letterlock/webhooks'
import type { Program } from './program.ts'
import type { Scenario } from './scenario.ts'

const event = { type: 'contact.deleted', data: { id: 'con_01k8zv3hq5e7tbd6j2m9w4xypn', email: 'ada@example.com' } } as const

/** Genuine webhooks, and some that are not. */
export function webhookScenario(secrets: readonly string[]): Scenario {
  return {
    claim: 'takes genuine webhooks and no other',
    needsReceiver: true,
    async run({ server, program }) {
      const now = server.clock.now().getTime()
      const genuine = await signWebhook(event, secrets, { now })
      const body = genuine.body.replace('ada@', 'eve@')
      const trials: readonly (readonly [name: string, webhook: SignedWebhook, isGenuine: boolean])[] = [
        ['genuine', genuine, true],
        ['signed_by_the_next_secret', await signWebhook(event, [newWebhookSecret(), ...secrets], { now }), true],
        ['of_a_type_that_is_new', await signWebhook({ type: 'contact.renamed', data: {} }, secrets, { now }), true],
        ['signed_by_another', await signWebhook(event, [newWebhookSecret()], { now }), false],
        ['changed_on_its_way', { ...genuine, body }, false],
        ['an_hour_old', await signWebhook(event, secrets, { now: now - 3_600_000 }), false],
        ['without_signature', { ...genuine, headers: { 'content-type': 'application/json' } }, false],
      ]
      const failures: Record<string, number> = {}
      for (const [name, webhook, isGenuine] of trials) if ((await isTaken(program, webhook)) !== isGenuine) failures[name] = 1
      return { calls: trials.length, failed: Object.keys(failures).length, failures, remarks: [] }
    },
  }
}

async function isTaken({ receiveWebhook }: Program, { body, headers }: SignedWebhook): Promise<boolean> {
  try {
    return (await receiveWebhook?.(new Request('http://webhooks.test/', { method: 'POST', body, headers })))?.ok ?? false
  } catch {
    return false
  }
}
