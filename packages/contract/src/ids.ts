/** Ids are TypeIDs: a prefix, `_`, and 26 lowercase Crockford base32 characters of a UUIDv7. */
import { z } from 'zod'
import { newUuidSuffix } from './uuid-suffix.ts'

/** Every kind of id and its prefix; the prefix is part of the id in SQL, JSON and TypeScript alike. */
export const idPrefixes = {
  accessToken: 'tok',
  alert: 'alr',
  auditEvent: 'aud',
  campaign: 'cmp',
  contact: 'con',
  email: 'eml',
  environment: 'env',
  key: 'key',
  leak: 'leak',
  list: 'lst',
  node: 'nod',
  plan: 'plan',
  property: 'prp',
  request: 'req',
  role: 'role',
  rootKey: 'key',
  secretShare: 'shr',
  segment: 'seg',
  statement: 'stm',
  workspace: 'ws',
} as const

export type IdKind = keyof typeof idPrefixes

declare const kind: unique symbol

/** An id of one kind; ids of different kinds do not mix. */
export type Id<K extends IdKind> = string & { readonly [kind]: (typeof idPrefixes)[K] }

export type AccessTokenId = Id<'accessToken'>
export type AlertId = Id<'alert'>
export type AuditEventId = Id<'auditEvent'>
export type CampaignId = Id<'campaign'>
export type ContactId = Id<'contact'>
export type EmailId = Id<'email'>
export type EnvironmentId = Id<'environment'>
export type KeyId = Id<'key'>
export type LeakId = Id<'leak'>
export type ListId = Id<'list'>
export type NodeId = Id<'node'>
export type PlanId = Id<'plan'>
export type PropertyId = Id<'property'>
export type RequestId = Id<'request'>
export type RoleId = Id<'role'>
export type SecretShareId = Id<'secretShare'>
export type SegmentId = Id<'segment'>
export type StatementId = Id<'statement'>
export type WorkspaceId = Id<'workspace'>

/** A new id of the kind; of ids made by one process, those made later sort later, of all ids to the millisecond. */
export function newId<K extends IdKind>(kind: K): Id<K> {
  // oxlint-disable-next-line letterlock/no-ambient-time -- an id is made of the moment, as of randomness
  return `${idPrefixes[kind]}_${newUuidSuffix(Date.now())}` as string as Id<K> // brand constructor
}

/** True when the text has the shape of an id of the kind; says nothing of its existence. */
export function isId<K extends IdKind>(kind: K, text: string): text is Id<K> {
  const prefix = idPrefixes[kind]
  return text.length === prefix.length + 27 && text.startsWith(`${prefix}_`) && suffix.test(text.slice(prefix.length + 1))
}

/** The zod schema of an id of the kind. */
export function idSchema<K extends IdKind>(kind: K): z.ZodType<Id<K>, string> {
  const prefix = idPrefixes[kind]
  const shape = new RegExp(`^${prefix}_[0-7][0-9a-hjkmnp-tv-z]{25}$`)
  const schema = z
    .string()
    .regex(shape, `expected an id that starts with ${prefix}_`)
    .meta({ example: `${prefix}_01k8zv3hq5e7tbd6j2m9w4xypn` })
  return schema as unknown as z.ZodType<Id<K>, string> // the expression is the brand's proof
}

const suffix = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/
