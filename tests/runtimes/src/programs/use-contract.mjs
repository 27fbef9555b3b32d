// The words of the platform, and the document made of them.
import { isId, newId, operationIds, operations } from '@letterlock/contract'
import { openapiDocument } from '@letterlock/contract/openapi'

export async function use() {
  const body = operations['contacts.create'].body.safeParse({ email: 'ada@example.com', listIds: [newId('list')] })
  const { openapi, paths } = openapiDocument({ serverUrl: 'https://mail.acme.example', version: '1.0.0' })
  const described = Object.values(paths ?? {}).flatMap((path) => Object.values(path).filter((operation) => operation.operationId))
  return { isId: isId('list', newId('list')), accepted: body.success, openapi, undescribed: operationIds.length - described.length }
}
