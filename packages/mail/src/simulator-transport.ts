import type { HandOverResult, MailTransport, SimulatedEvent } from './hand-over.ts'

/** The domain whose addresses choose what the simulator does. */
export const simulatorDomain = 'simulator.letterlock.test'

type Behaviour = SimulatedEvent['event'] | 'deferred'

/**
 * Takes the messages of test mode and opens no connection.
 *
 * `bounced@`, `complained@` and `deferred@simulator.letterlock.test` do what they say, also with a tag
 * (`bounced+7@…`); `deferred@` answers 4xx to the first attempt and takes the second. All else is delivered.
 */
export function simulatorTransport(): MailTransport {
  return {
    handOver: (message, options = {}) => Promise.resolve(simulate(message.envelope.to, options.attempt ?? 1)),
    close: () => Promise.resolve(),
  }
}

function simulate(recipients: readonly string[], attempt: number): HandOverResult {
  const behaviours = recipients.map((address) => ({ address, behaviour: behaviourOf(address) }))
  if (attempt < 2 && behaviours.some(({ behaviour }) => behaviour === 'deferred')) {
    return { kind: 'temporary', code: 450, response: '450 4.2.1 Simulated: try again later', throttled: false }
  }
  const simulated = behaviours.map(({ address, behaviour }) =>
    ({ address, event: behaviour === 'deferred' ? 'delivered' as const : behaviour }))
  return { kind: 'accepted', response: '250 2.0.0 Simulated', rejected: [], simulated }
}

function behaviourOf(address: string): Behaviour {
  const [, name] = /^(bounced|complained|deferred)(?:\+[^@]*)?@simulator\.letterlock\.test$/i.exec(address) ?? []
  return (name?.toLowerCase() ?? 'delivered') as Behaviour // the pattern has only these three names
}
