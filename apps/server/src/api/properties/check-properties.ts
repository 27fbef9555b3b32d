import type { EnvironmentId } from '@letterlock/contract'
import { type contacts, properties, type Tx } from '@letterlock/db'
import type { Failure } from '../../http/failure.ts'
import { undeclaredProperties } from './property-failures.ts'

type Carrier = { readonly properties?: Readonly<Record<string, contacts.PropertyValue | null>> | undefined }

/** For each contact in a body why its properties are refused, or null; what is declared is read once, and only when it matters. */
export async function checkProperties(
  tx: Tx, environmentId: EnvironmentId, { items, pathOf = () => '' }: { readonly items: readonly Carrier[]; readonly pathOf?: (index: number) => string },
): Promise<(Failure | null)[]> {
  const matters = items.some((item) => item.properties !== undefined && Object.keys(item.properties).length > 0)
  const declared = matters ? await properties.listDeclared(tx, environmentId) : []
  return items.map((item, index) => undeclaredProperties(declared, item.properties, pathOf(index)))
}
