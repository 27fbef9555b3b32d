import { idSchema, type KeyId, newId, type RoleId } from '@letterlock/contract'
import { auditEvents, imports, keys, policies, roles, type Tx, workspaces } from '@letterlock/db'
import { digestForeignKey } from '@letterlock/keys/digest'
import { foreignKeysId } from '@letterlock/verifier'
import { z } from 'zod'
import { failure, type Failure, invalid, isFailure } from '../../http/failure.ts'
import { type Audit, changeControlPlane } from '../change-control-plane.ts'
import type { AuthorizedContext, ManagementDeps } from '../context.ts'
import { noSuchRole, noSuchWorkspace } from '../not-found.ts'
import { type RuledKey, stricterOf, violationsOf } from '../policies/policy-rules.ts'
import { procedureFor } from '../procedure.ts'
import { beyond, grantsOf } from '../refuse-grants-beyond.ts'
import { refuse } from '../refuse.ts'
import { foreignFormat, prefixFault, tooManyFormats } from './foreign-format.ts'
import { anyItem, failedItem, type ImportItem, importResult, type ImportResult, readItem } from './import-item.ts'
import { toKey } from './key-answer.ts'
import { expiryOf } from './key-policy.ts'

const input = z.strictObject({
  workspaceId: idSchema('workspace'),
  mode: z.enum(['live', 'test']),
  format: foreignFormat,
  keys: z.array(anyItem).min(1).max(1_000),
})

/**
 * Takes keys over that were issued elsewhere, by the SHA-256 of their tokens: whoever holds one goes on using it. A bad
 * or forbidden item fails alone, and an import may be repeated: what is here already is said to be so.
 */
export function importKeys(deps: Pick<ManagementDeps, 'db' | 'clock' | 'keyFormat' | 'peppers'>) {
  return procedureFor('keys:write')
    .input(input)
    .output(z.strictObject({ data: z.array(importResult), revision: z.number().int() }))
    .mutation(async ({ ctx, input: { workspaceId, mode, format: { prefix }, keys: given } }) => {
      const fault = prefixFault(prefix, deps.keyFormat)
      if (fault) refuse(fault)
      const items = given.map(readItem)
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        await imports.lockImports(tx)
        const workspace = (await workspaces.findWorkspace(tx, workspaceId)) ?? refuse(noSuchWorkspace)
        const declared = await imports.listPrefixes(tx)
        if (!declared.includes(prefix)) refuseIf(tooManyFormats(declared))
        const intake = await openIntake(deps, tx, { workspace, mode, items, ctx, now })
        const data: ImportResult[] = []
        for (const item of items) data.push(await intake.take(item))
        const [first, ...others] = intake.audit
        if (!first) return { result: data, changes: null }
        const isNew = await imports.declarePrefix(tx, prefix, { createdBy: ctx.principal.keyId, now })
        // what was refused before may be a key now; a prefix is known to a node before it has seen this revision
        return {
          result: data,
          changes: [{ kind: 'key', id: foreignKeysId }, ...(isNew ? [{ kind: 'policy', id: `import.${prefix}` } as const] : [])],
          audit: isNew ? [declaration(prefix), first, ...others] : [first, ...others],
        }
      })
      return { data: result, revision }
    })
}

type Intake = { readonly take: (item: ImportItem | Failure) => Promise<ImportResult>; readonly audit: readonly Audit[] }

interface Import {
  readonly workspace: workspaces.WorkspaceRow
  readonly mode: 'live' | 'test'
  readonly items: readonly (ImportItem | Failure)[]
  readonly ctx: AuthorizedContext
  readonly now: Date
}

/** Takes items one after the other, and remembers what of them is a key already. */
async function openIntake(
  { peppers }: Pick<ManagementDeps, 'peppers'>, tx: Tx, { workspace, mode, items, ctx, now }: Import,
): Promise<Intake> {
  const audit: Audit[] = []
  const rolesById = new Map<RoleId, roles.RoleRow | null>()
  const lookupsOf = (sha256: string) => peppers.map((pepper) => digestForeignKey(sha256, pepper).lookup)
  const known = await imports.findImportedKeys(tx, items.flatMap((item) => (isFailure(item) ? [] : lookupsOf(item.sha256))))
  const { installation, workspace: own } = await policies.findPolicies(tx, workspace.id)
  const rules = stricterOf(installation, own)
  const grants = await grantsOf(tx, ctx.principal)
  return { take, audit }

  async function take(item: ImportItem | Failure): Promise<ImportResult> {
    if (isFailure(item)) return failedItem(item, ctx.redact)
    const existing = lookupsOf(item.sha256).map((lookup) => known.get(lookup)).find((key) => key !== undefined)
    if (existing) return isHere(existing) ? { status: 'already_exists', keyId: existing.keyId } : failedItem(elsewhere, ctx.redact)
    const role = item.roleId ? await roleOf(item.roleId) : null
    if (item.roleId && !role) return failedItem(noSuchRole, ctx.redact)
    const ungranted = beyond(grants, [...item.scopes, ...(role?.scopes ?? [])])
    if (ungranted) return failedItem(ungranted, ctx.redact)
    const broken = violationsOf(rules, toBe(item, role), now)
    if (broken.length > 0) return failedItem(invalid(broken.map(({ path, message }) => ({ path, message }))), ctx.redact)
    return { status: 'imported', keyId: await insert(item) }
  }

  function isHere(key: imports.ImportedKey): boolean {
    return key.workspaceId === workspace.id && key.mode === mode
  }

  function toBe({ scopes, ipAllow, expiresIn }: ImportItem, role: roles.RoleRow | null): RuledKey {
    return { status: 'active', expiresAt: expiryOf(expiresIn, now), ipAllow, scopes: [...scopes, ...(role?.scopes ?? [])] }
  }

  async function roleOf(id: RoleId): Promise<roles.RoleRow | null> {
    const role = rolesById.get(id) ?? (await roles.lockRoleForKeys(tx, workspace.id, id))
    rolesById.set(id, role)
    return role
  }

  async function insert({ sha256, name, scopes, ipAllow, rateLimits, expiresIn, ...item }: ImportItem): Promise<KeyId> {
    const id = newId('key')
    const { version: pepperVersion, digest, lookup } = digestForeignKey(sha256, peppers[0])
    const row = await keys.insertKey(tx, workspace.id, {
      id, mode, name, scopes, ipAllow, rateLimits, now,
      purpose: item.purpose ?? null,
      roleId: item.roleId ?? null,
      environmentId: mode === 'live' ? workspace.live_environment_id : workspace.test_environment_id,
      expiresAt: expiryOf(expiresIn, now),
      createdBy: ctx.principal.keyId,
      secret: { digest, pepperVersion, lookup },
      imported: { externalId: item.externalId ?? null },
    })
    known.set(lookup, { keyId: id, workspaceId: workspace.id, mode })
    audit.push({ chain: workspace.id, action: 'keys.import', target: id, before: null, after: toKey(row) })
    return id
  }
}

function refuseIf(fault: Failure | null): void {
  if (fault) refuse(fault)
}

function declaration(prefix: string): Audit {
  return { chain: auditEvents.installationChain, action: 'keys.import.declare', target: prefix, before: null, after: { prefix } }
}

const elsewhere = failure('already_exists', 'The token is a key of another workspace or mode.')
