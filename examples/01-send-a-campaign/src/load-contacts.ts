import { parse } from 'csv-parse'
import type { Letterlock } from 'letterlock'
import { createReadStream } from 'node:fs'

type Row = Record<'email' | 'firstName' | 'lastName' | 'plan' | 'seats', string>

/** Reads the file as a stream and loads it in batches, so that its size does not matter. */
export async function loadContacts(letterlock: Letterlock, source: { file: URL; listId: string }) {
  const counts = { created: 0, updated: 0 }
  let batch: Row[] = []
  for await (const row of createReadStream(source.file).pipe(parse({ columns: true }))) {
    batch.push(row as Row) // the columns of contacts.csv
    if (batch.length === 500) await load()
  }
  await load()
  return counts

  async function load() {
    if (batch.length === 0) return
    const contacts = batch.map(({ email, firstName, lastName, plan, seats }) => ({
      email, firstName, lastName, properties: { plan, seats: Number(seats) }, listIds: [source.listId],
    }))
    const { data } = await letterlock.contacts.batch({ contacts, onConflict: 'update' })
    for (const [index, item] of data.entries()) {
      if (item.status === 201) counts.created++
      else if (item.status === 200) counts.updated++
      else console.error(`refused    ${batch[index]?.email}: ${item.error?.detail}`)
    }
    console.log(`loading    ${counts.created + counts.updated}`)
    batch = []
  }
}
