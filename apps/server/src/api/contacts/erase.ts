import { erasures } from '@letterlock/db'
import { failure, notFound } from '../../http/failure.ts'
import type { Handler } from '../../http/handler.ts'
import { contactName } from './contact-name.ts'

/** `POST /contacts/{idOrEmail}/erase` */
export const eraseContact: Handler<'contacts.erase'> = async (tx, call) => {
  const name = contactName(call.params.idOrEmail)
  if ('failure' in name) return name
  const erased = await erasures.erasePerson(tx, call.principal.environmentId, { name, reference: call.requestId, now: call.now })
  switch (erased.state) {
    case 'not_found':
      return notFound
    case 'in_flight':
      return inFlight
    case 'erased': {
      const { contact, campaignMessages, emails } = erased
      return { status: 200, body: { erasedAt: call.now.toISOString(), contact, campaignMessages, emails } }
    }
  }
}

const inFlight = failure('invalid_state', 'A message to this person is being handed over at this moment. Nothing was erased; try again in a minute.')
