import { personRecords } from '@letterlock/db'
import { notFound } from '../../http/failure.ts'
import type { Handler } from '../../http/handler.ts'
import { contactName } from './contact-name.ts'
import { exportAnswer, mostRecordRows } from './export-answer.ts'

/** `GET /contacts/{idOrEmail}/export` */
export const exportContact: Handler<'contacts.export'> = async (db, call) => {
  const name = contactName(call.params.idOrEmail)
  if ('failure' in name) return name
  const record = await personRecords.findPersonRecord(db, call.principal.environmentId, { name, most: mostRecordRows })
  return record ? { status: 200, body: exportAnswer(record, call.now) } : notFound
}
