// Made by scripts/generate.ts from the router of the management API. Change the router, not this file.

import type { CallOptions } from './call-options.ts'

/** The `code` of a refusal. */
export type ErrorCode =
  | 'missing_key'
  | 'invalid_key'
  | 'expired_key'
  | 'revoked_key'
  | 'disabled_key'
  | 'retired_secret'
  | 'key_in_url'
  | 'insufficient_scope'
  | 'ip_not_allowed'
  | 'workspace_suspended'
  | 'key_quarantined'
  | 'rate_limited'
  | 'quota_exceeded'
  | 'not_fresh'
  | 'unavailable'
  | 'invalid_request'
  | 'not_found'
  | 'method_not_allowed'
  | 'invalid_state'
  | 'already_exists'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'idempotency_mismatch'
  | 'headers_too_large'
  | 'internal'

/** What `advice.accept` takes. */
export interface AdviceAcceptInput {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly keyId: string
  /** 1 to 400. Default `30`. */
  readonly days?: number | undefined
  /** At most 3. */
  readonly parts: readonly ('scopes' | 'addresses' | 'rateLimit')[]
  /** Default `false`. */
  readonly detachRole?: boolean | undefined
}

/** What `advice.accept` answers. */
export interface AdviceAcceptOutput {
  key: Key
  revision: number
}

/** `Key` as the server answers it. */
export interface Key {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  id: string
  name: string
  purpose?: string
  scopes: string[]
  status: 'active' | 'disabled' | 'revoked'
  /** RFC 3339. */
  expiresAt: string | null
  /** RFC 3339. */
  revokedAt: string | null
  revokedReason?: string
  /** RFC 3339. */
  exposedAt: string | null
  /** RFC 3339. */
  lastUsedAt: string | null
  createdBy?: string
  /** RFC 3339. */
  createdAt: string
  /** RFC 3339. */
  updatedAt: string
  mode: 'live' | 'test'
  owner?: string
  storedIn?: string
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  workspaceId: string
  /** Such as `env_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  environmentId: string
  /** Such as `role_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  roleId: string | null
  effectiveScopes: string[]
  quarantine: {
    /** RFC 3339. */
    at: string
    reason: string | null
    networks: string[]
  } | null
  ipAllow: string[]
  rateLimits: {
    name: string
    limit: string
    burst?: number
  }[]
  imported: {
    /** RFC 3339. */
    at: string
    /** RFC 3339. */
    upgradedAt: string | null
    externalId?: string
  } | null
}

/** What `advice.leastPrivilege` takes. */
export interface AdviceLeastPrivilegeInput {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly keyId: string
  /** 1 to 400. Default `30`. */
  readonly days?: number | undefined
}

/** What `advice.leastPrivilege` answers. */
export interface AdviceLeastPrivilegeOutput {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  keyId: string
  /** RFC 3339. */
  from: string
  /** RFC 3339. */
  to: string
  /** RFC 3339. */
  recordedFrom: string
  dropped: number
  scopes: {
    used: {
      scope: string
      requests: number
      operations: string[]
      /** RFC 3339. */
      lastDay: string
    }[]
    unused: string[]
    proposed: string[] | null
    wouldRefuse: number
    requests: number
  }
  addresses: {
    observed: {
      range: string | null
      requests: number
      /** RFC 3339. */
      lastSeenAt: string
    }[]
    proposed: string[] | null
  }
  rateLimit: {
    proposed: {
      name: string
      limit: string
    } | null
  }
  explanation: string
}

/** What `advice.undo` takes. */
export interface AdviceUndoInput {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly keyId: string
}

/** What `advice.undo` answers. */
export interface AdviceUndoOutput {
  key: Key
  revision: number
}

/** What `alerts.acknowledge` takes. */
export interface AlertsAcknowledgeInput {
  /** Such as `alr_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly alertId: string
}

/** What `alerts.acknowledge` answers. */
export interface AlertsAcknowledgeOutput {
  alert: Alert
  revision: number
}

/** `Alert` as the server answers it. */
export interface Alert {
  /** Such as `alr_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  id: string
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  workspaceId: string
  kind: string
  subject: string
  detail: { [name: string]: string | number | boolean | null }
  /** RFC 3339. */
  at: string
  /** RFC 3339. */
  acknowledgedAt: string | null
  acknowledgedBy: string | null
}

/** What `alerts.list` takes. */
export interface AlertsListInput {
  /** 1 to 100. Default `20`. */
  readonly limit?: number | undefined
  /** At most 500 characters. */
  readonly cursor?: string | undefined
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly workspaceId: string
  /** At most 100 characters. */
  readonly kind?: string | undefined
  /** At most 100 characters. */
  readonly subject?: string | undefined
  readonly acknowledged?: boolean | undefined
}

/** What `alerts.list` answers. */
export interface AlertsListOutput {
  data: Alert[]
  hasMore: boolean
  nextCursor: string | null
}

/** What `audit.list` takes. */
export interface AuditListInput {
  /** 1 to 100. Default `20`. */
  readonly limit?: number | undefined
  /** At most 500 characters. */
  readonly cursor?: string | undefined
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly workspaceId: string | null
  /** At most 100 characters. */
  readonly actor?: string | undefined
  /** At most 100 characters. */
  readonly action?: string | undefined
  /** At most 200 characters. */
  readonly target?: string | undefined
  /** RFC 3339. */
  readonly from?: string | undefined
  /** RFC 3339. */
  readonly to?: string | undefined
}

/** What `audit.list` answers. */
export interface AuditListOutput {
  data: {
    /** Such as `aud_01k8zv3hq5e7tbd6j2m9w4xypn`. */
    id: string
    /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
    workspaceId: string | null
    sequence: number
    /** RFC 3339. */
    at: string
    actor: string
    action: string
    target: string
    before: JsonValue
    after: JsonValue
    ip: string | null
    /** Such as `req_01k8zv3hq5e7tbd6j2m9w4xypn`. */
    requestId: string | null
    revision: number
    hash: string
    previousHash: string
  }[]
  hasMore: boolean
  nextCursor: string | null
}

/** Anything that JSON can hold. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue }

/** What `audit.verify` takes. */
export interface AuditVerifyInput {
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly workspaceId: string | null
  readonly expectedHead?: {
    /** At least 0. */
    readonly sequence: number
    readonly hash: string
  } | undefined
}

/** What `audit.verify` answers. */
export type AuditVerifyOutput = {
  intact: true
  events: number
  head: {
    sequence: number
    hash: string
  }
} | {
  intact: false
  fault: 'missing' | 'changed' | 'unlinked' | 'inserted' | 'cut' | 'replaced'
  brokenAt: number
  eventId: string | null
}

/** What `canaries.create` takes. */
export interface CanariesCreateInput {
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly workspaceId: string
  /** Default `live`. */
  readonly mode?: 'live' | 'test' | undefined
  /** At most 200 characters. */
  readonly name: string
  /** At most 500 characters. */
  readonly place?: string | undefined
}

/** What `canaries.create` answers. */
export interface CanariesCreateOutput {
  canary: Canary
  secret: string
  revision: number
}

/** `Canary` as the server answers it. */
export interface Canary {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  id: string
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  workspaceId: string
  name: string
  place: string | null
  createdBy: string
  /** RFC 3339. */
  createdAt: string
  /** RFC 3339. */
  revokedAt: string | null
  uses: number
  /** RFC 3339. */
  firstUsedAt: string | null
  lastUse: {
    /** RFC 3339. */
    at: string
    ip: string | null
    userAgent: string | null
  } | null
}

/** What `canaries.list` takes. */
export interface CanariesListInput {
  /** 1 to 100. Default `20`. */
  readonly limit?: number | undefined
  /** At most 500 characters. */
  readonly cursor?: string | undefined
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly workspaceId: string
}

/** What `canaries.list` answers. */
export interface CanariesListOutput {
  data: Canary[]
  hasMore: boolean
  nextCursor: string | null
}

/** What `canaries.revoke` takes. */
export interface CanariesRevokeInput {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly canaryId: string
}

/** What `canaries.revoke` answers. */
export interface CanariesRevokeOutput {
  canary: Canary
  revision: number
}

/** What `keys.create` takes. */
export interface KeysCreateInput {
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly workspaceId: string
  readonly mode: 'live' | 'test'
  /** At most 200 characters. */
  readonly name: string
  /** At most 100. */
  readonly scopes?: readonly string[] | undefined
  /** Such as `role_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly roleId?: string | undefined
  /** At most 20 characters. */
  readonly expiresIn?: string | undefined
  /** At most 100. */
  readonly ipAllow?: readonly string[] | undefined
  /** At most 10. */
  readonly rateLimits?: readonly {
    /** At most 64 characters. */
    readonly name: string
    /** At most 40 characters. */
    readonly limit: string
    /** 1 to 1000000000. */
    readonly burst?: number | undefined
  }[] | undefined
  /** At most 500 characters. */
  readonly purpose?: string | undefined
  /** At most 200 characters. */
  readonly owner?: string | undefined
  /** At most 500 characters. */
  readonly storedIn?: string | undefined
}

/** What `keys.create` answers. */
export interface KeysCreateOutput {
  key: Key
  secret: string
  revision: number
}

/** What `keys.dependents` takes. */
export interface KeysDependentsInput {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly keyId: string
  /** 1 to 90. Default `30`. */
  readonly days?: number | undefined
}

/** What `keys.dependents` answers. */
export interface KeysDependentsOutput {
  /** RFC 3339. */
  from: string
  /** RFC 3339. */
  to: string
  requests: number
  callers: {
    ip: string | null
    userAgent: string | null
    sdk: {
      name: string
      version: string
    } | null
    operations: {
      operation: string
      requests: number
    }[]
    requests: number
    /** RFC 3339. */
    firstSeenAt: string
    /** RFC 3339. */
    lastSeenAt: string
  }[]
  isComplete: boolean
}

/** What `keys.disable` takes. */
export interface KeysDisableInput {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly keyId: string
  /** At most 200 characters. */
  readonly reason?: string | undefined
}

/** What `keys.disable` answers. */
export interface KeysDisableOutput {
  key: Key
  revision: number
}

/** What `keys.drain` takes. */
export interface KeysDrainInput {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly keyId: string
  /** RFC 3339. */
  readonly since?: string | undefined
}

/** What `keys.drain` answers. */
export interface KeysDrainOutput {
  /** RFC 3339. */
  from: string
  isComplete: boolean
  newestVersion: number
  requests: {
    old: number
    newest: number
  }
  callers: {
    version: number
    isSuperseded: boolean
    ip: string | null
    userAgent: string | null
    sdk: {
      name: string
      version: string
    } | null
    requests: number
    refused: number
    /** RFC 3339. */
    firstSeenAt: string
    /** RFC 3339. */
    lastSeenAt: string
  }[]
  hasMoreCallers: boolean
}

/** What `keys.enable` takes. */
export interface KeysEnableInput {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly keyId: string
}

/** What `keys.enable` answers. */
export interface KeysEnableOutput {
  key: Key
  revision: number
}

/** What `keys.get` takes. */
export interface KeysGetInput {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly keyId: string
}

/** What `keys.get` answers. */
export interface KeysGetOutput {
  key: Key
  secretVersions: SecretVersion[]
}

/** `SecretVersion` as the server answers it. */
export interface SecretVersion {
  version: number
  isLive: boolean
  /** RFC 3339. */
  createdAt: string
  /** RFC 3339. */
  retiresAt: string | null
  untilSilentForMs: number | null
  /** RFC 3339. */
  lastUsedAt: string | null
  lastUsedIp: string | null
  retirement: {
    /** RFC 3339. */
    retiredAt: string
    cause: 'overlap_ended' | 'at_most_reached' | 'silent' | 'retired_by_call'
    evidence: RetirementEvidence
  } | null
}

/** `RetirementEvidence` as the server answers it. */
export interface RetirementEvidence {
  reason: string | null
  /** RFC 3339. */
  lastUsedAt: string | null
  lastUsedIp: string | null
  lastUserAgent: string | null
  requests: {
    /** RFC 3339. */
    from: string
    isComplete: boolean
    old: number
    newer: number
  } | null
  callers: LastCaller[]
}

/** `LastCaller` as the server answers it. */
export interface LastCaller {
  ip: string | null
  userAgent: string | null
  requests: number
  /** RFC 3339. */
  lastSeenAt: string
}

/** What `keys.import` takes. */
export interface KeysImportInput {
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly workspaceId: string
  readonly mode: 'live' | 'test'
  readonly format: {
    readonly prefix: string
  }
  /** At most 1000. */
  readonly keys: readonly {
    /** At most 64 characters. */
    readonly sha256: string
    /** At most 200 characters. */
    readonly name: string
    /** At most 100. */
    readonly scopes?: readonly string[] | undefined
    /** Such as `role_01k8zv3hq5e7tbd6j2m9w4xypn`. */
    readonly roleId?: string | undefined
    /** At most 20 characters. */
    readonly expiresIn?: string | undefined
    /** At most 100. */
    readonly ipAllow?: readonly string[] | undefined
    /** At most 10. */
    readonly rateLimits?: readonly {
      /** At most 64 characters. */
      readonly name: string
      /** At most 40 characters. */
      readonly limit: string
      /** 1 to 1000000000. */
      readonly burst?: number | undefined
    }[] | undefined
    /** At most 500 characters. */
    readonly purpose?: string | undefined
    /** At most 200 characters. */
    readonly externalId?: string | undefined
  }[]
}

/** What `keys.import` answers. */
export interface KeysImportOutput {
  data: ({
    status: 'imported'
    /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
    keyId: string
  } | {
    status: 'already_exists'
    /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
    keyId: string
  } | {
    status: 'failed'
    error: {
      code: ErrorCode
      message: string
      issues?: {
        path: string
        message: string
      }[]
      requiredScope?: string
    }
  })[]
  revision: number
}

/** What `keys.list` takes. */
export interface KeysListInput {
  /** 1 to 100. Default `20`. */
  readonly limit?: number | undefined
  /** At most 500 characters. */
  readonly cursor?: string | undefined
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly workspaceId: string
  readonly status?: 'active' | 'disabled' | 'revoked' | 'expired' | undefined
  readonly mode?: 'live' | 'test' | undefined
  /** At most 200 characters. */
  readonly owner?: string | undefined
  /** At most 100 characters. */
  readonly createdBy?: string | undefined
  /** At most 100 characters. */
  readonly scope?: string | undefined
  /** RFC 3339. */
  readonly unusedSince?: string | undefined
  /** RFC 3339. */
  readonly expiringBefore?: string | undefined
}

/** What `keys.list` answers. */
export interface KeysListOutput {
  data: Key[]
  hasMore: boolean
  nextCursor: string | null
}

/** What `keys.quarantine` takes. */
export interface KeysQuarantineInput {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly keyId: string
  /** At most 200 characters. */
  readonly reason?: string | undefined
}

/** What `keys.quarantine` answers. */
export interface KeysQuarantineOutput {
  key: Key
  revision: number
}

/** What `keys.release` takes. */
export interface KeysReleaseInput {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly keyId: string
}

/** What `keys.release` answers. */
export interface KeysReleaseOutput {
  key: Key
  revision: number
}

/** What `keys.retireSecret` takes. */
export interface KeysRetireSecretInput {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly keyId: string
  /** 1 to 1000000. */
  readonly version: number
  /** At most 200 characters. */
  readonly reason?: string | undefined
}

/** What `keys.retireSecret` answers. */
export interface KeysRetireSecretOutput {
  secretVersion: SecretVersion
  revision: number
}

/** What `keys.revoke` takes. */
export interface KeysRevokeInput {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly keyId: string
  /** At most 200 characters. */
  readonly reason?: string | undefined
}

/** What `keys.revoke` answers. */
export interface KeysRevokeOutput {
  key: Key
  revision: number
}

/** What `keys.revokeMany` takes. */
export interface KeysRevokeManyInput {
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly workspaceId: string
  readonly filter: {
    readonly status?: 'active' | 'disabled' | 'expired' | undefined
    readonly mode?: 'live' | 'test' | undefined
    /** At most 200 characters. */
    readonly owner?: string | undefined
    /** At most 100 characters. */
    readonly createdBy?: string | undefined
    /** At most 100 characters. */
    readonly scope?: string | undefined
    /** RFC 3339. */
    readonly unusedSince?: string | undefined
    /** RFC 3339. */
    readonly expiringBefore?: string | undefined
  }
  readonly dryRun: boolean
  /** At least 0. */
  readonly expectedCount?: number | undefined
  /** At most 200 characters. */
  readonly reason?: string | undefined
}

/** What `keys.revokeMany` answers. */
export interface KeysRevokeManyOutput {
  count: number
  revoked: number
  left: number
  hasMore: boolean
  sample: string[]
  revision: number
}

/** What `keys.rotate` takes. */
export interface KeysRotateInput {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly keyId: string
  /** Default `24h`. */
  readonly overlap?: string | {
    /** At most 20 characters. */
    readonly untilSilentFor: string
    /** At most 20 characters. */
    readonly atMost: string
  } | undefined
}

/** What `keys.rotate` answers. */
export interface KeysRotateOutput {
  key: Key
  secret: string
  version: number
  /** RFC 3339. */
  retiresAt: string
  revision: number
}

/** What `keys.update` takes. */
export interface KeysUpdateInput {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly keyId: string
  /** At most 200 characters. */
  readonly name?: string | undefined
  /** At most 500 characters. */
  readonly purpose?: string | null | undefined
  /** At most 200 characters. */
  readonly owner?: string | null | undefined
  /** At most 500 characters. */
  readonly storedIn?: string | null | undefined
  /** At most 100. */
  readonly scopes?: readonly string[] | undefined
  /** Such as `role_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly roleId?: string | null | undefined
  /** At most 100. */
  readonly ipAllow?: readonly string[] | undefined
  /** At most 10. */
  readonly rateLimits?: readonly {
    /** At most 64 characters. */
    readonly name: string
    /** At most 40 characters. */
    readonly limit: string
    /** 1 to 1000000000. */
    readonly burst?: number | undefined
  }[] | undefined
  /** At most 20 characters. */
  readonly expiresIn?: string | null | undefined
}

/** What `keys.update` answers. */
export interface KeysUpdateOutput {
  key: Key
  revision: number
}

/** What `keys.verify` takes. */
export interface KeysVerifyInput {
  /** At most 512 characters. */
  readonly key: string
  /** At most 100 characters. */
  readonly scope?: string | null | undefined
  /** At most 64 characters. */
  readonly ip?: string | null | undefined
  /** 0 to 1000000. */
  readonly cost?: number | undefined
  /** At most 2. */
  readonly modes?: readonly ('live' | 'test')[] | undefined
  /** At least 0. */
  readonly minRevision?: number | undefined
  readonly quota?: {
    readonly meter: string
    /** 1 to 1000000000. */
    readonly amount: number
    readonly reference: string
  } | undefined
}

/** What `keys.verify` answers. */
export interface KeysVerifyOutput {
  valid: boolean
  code: 'ok' | 'invalid_key' | 'expired_key' | 'revoked_key' | 'disabled_key' | 'retired_secret' | 'insufficient_scope' | 'ip_not_allowed' | 'key_quarantined' | 'workspace_suspended' | 'rate_limited' | 'quota_exceeded'
  explanation?: string
  key?: {
    /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
    id: string
    name: string
    mode: 'live' | 'test'
    /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
    workspaceId: string
    /** Such as `env_01k8zv3hq5e7tbd6j2m9w4xypn`. */
    environmentId: string
    scopes: string[]
    createdAt: string
    expiresAt: string | null
  }
  secretVersion?: number
  superseded?: boolean
  limits?: {
    name: string
    count: number
    periodMs: number
    burst: number
    remaining: number
    resetMs: number
  }[]
  limitStore?: 'shared' | 'local-share'
  checks?: {
    check: string
    passed: boolean
    detail: string
  }[]
  expiredAt?: string
  retiredAt?: string
  requiredScope?: string
  limitName?: string
  retryAfterMs?: number
  meter?: string
  limit?: number
  used?: number
  resetsAt?: string | null
}

/** What `leaks.blastRadius` takes. */
export interface LeaksBlastRadiusInput {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly keyId: string
  /** RFC 3339. */
  readonly since: string
}

/** What `leaks.blastRadius` answers. */
export interface LeaksBlastRadiusOutput {
  /** RFC 3339. */
  from: string
  /** RFC 3339. */
  to: string
  requests: number
  operations: {
    operation: string
    scope: string | null
    requests: number
  }[]
  scopes: string[]
  networks: {
    range: string | null
    isNew: boolean
    requests: number
    /** RFC 3339. */
    firstSeenAt: string
    /** RFC 3339. */
    lastSeenAt: string
    userAgents: string[]
  }[]
  mailings: {
    emails: number
    campaigns: number
  }
  isComplete: boolean
}

/** What `leaks.list` takes. */
export interface LeaksListInput {
  /** 1 to 100. Default `20`. */
  readonly limit?: number | undefined
  /** At most 500 characters. */
  readonly cursor?: string | undefined
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly workspaceId: string | null
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly keyId?: string | undefined
}

/** What `leaks.list` answers. */
export interface LeaksListOutput {
  data: {
    /** Such as `leak_01k8zv3hq5e7tbd6j2m9w4xypn`. */
    id: string
    /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
    keyId: string
    secretVersion: number
    source: 'github' | 'report'
    kind: string | null
    url: string | null
    reporterIp: string | null
    response: 'none' | 'notified' | 'quarantined' | 'retired' | 'revoked'
    /** RFC 3339. */
    foundAt: string
  }[]
  hasMore: boolean
  nextCursor: string | null
}

/** What `plans.assign` takes. */
export interface PlansAssignInput {
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly workspaceId: string
  /** Such as `plan_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly planId: string | null
  readonly when?: 'now' | 'period_end' | undefined
}

/** What `plans.assign` answers. */
export interface PlansAssignOutput {
  workspace: Workspace
  environments: {
    live: {
      /** Such as `env_01k8zv3hq5e7tbd6j2m9w4xypn`. */
      id: string
      mode: 'live'
    }
    test: {
      /** Such as `env_01k8zv3hq5e7tbd6j2m9w4xypn`. */
      id: string
      mode: 'test'
    }
  }
  quotas: { [name: string]: {
    amount: number
    origin: 'own' | 'plan'
  } }
  softQuotas: { [name: string]: number }
  revision: number
}

/** `Workspace` as the server answers it. */
export interface Workspace {
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  id: string
  name: string
  status: 'active' | 'suspended'
  /** Such as `plan_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  planId: string | null
  nextPlan: {
    /** Such as `plan_01k8zv3hq5e7tbd6j2m9w4xypn`. */
    planId: string | null
    /** RFC 3339. */
    at: string
  } | null
  rateLimits: {
    name: string
    limit: string
    burst?: number
  }[]
  spendCap: {
    amount: number
    currency: string
  } | null
  features: string[]
  /** RFC 3339. */
  createdAt: string
  /** RFC 3339. */
  updatedAt: string
}

/** What `plans.create` takes. */
export interface PlansCreateInput {
  /** At most 200 characters. */
  readonly name: string
  /** Default `{amount:0,currency:USD}`. */
  readonly price?: {
    /** 0 to 1000000000000. */
    readonly amount: number
    /** At most 3 characters. */
    readonly currency: string
  } | undefined
  /** Default `{}`. */
  readonly included?: { readonly [name: string]: number } | undefined
  /** Default `{}`. */
  readonly overage?: { readonly [name: string]: {
    /** 0 to 1000000000000. */
    readonly price: number
    /** 1 to 1000000000. Default `1`. */
    readonly per?: number | undefined
  } } | undefined
  /** At most 10. */
  readonly rateLimits?: readonly {
    /** At most 64 characters. */
    readonly name: string
    /** At most 40 characters. */
    readonly limit: string
    /** 1 to 1000000000. */
    readonly burst?: number | undefined
  }[] | undefined
  /** Default `{}`. */
  readonly quotas?: { readonly [name: string]: number } | undefined
  /** Default `{}`. */
  readonly softQuotas?: { readonly [name: string]: number } | undefined
  /** At most 50. Default `[]`. */
  readonly features?: readonly string[] | undefined
}

/** What `plans.create` answers. */
export interface PlansCreateOutput {
  plan: Plan
  revision: number
}

/** `Plan` as the server answers it. */
export interface Plan {
  /** Such as `plan_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  id: string
  name: string
  rateLimits: {
    name: string
    limit: string
    burst?: number
  }[]
  price: {
    amount: number
    currency: string
  }
  included: { [name: string]: number }
  overage: { [name: string]: {
    price: number
    per: number
  } }
  quotas: { [name: string]: number }
  softQuotas: { [name: string]: number }
  features: string[]
  /** RFC 3339. */
  createdAt: string
  /** RFC 3339. */
  updatedAt: string
}

/** What `plans.list` takes. */
export interface PlansListInput {
  /** 1 to 100. Default `20`. */
  readonly limit?: number | undefined
  /** At most 500 characters. */
  readonly cursor?: string | undefined
}

/** What `plans.list` answers. */
export interface PlansListOutput {
  data: Plan[]
  hasMore: boolean
  nextCursor: string | null
}

/** What `plans.update` takes. */
export interface PlansUpdateInput {
  /** Such as `plan_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly planId: string
  /** At most 200 characters. */
  readonly name?: string | undefined
  readonly price?: {
    /** 0 to 1000000000000. */
    readonly amount: number
    /** At most 3 characters. */
    readonly currency: string
  } | undefined
  readonly included?: { readonly [name: string]: number } | undefined
  readonly overage?: { readonly [name: string]: {
    /** 0 to 1000000000000. */
    readonly price: number
    /** 1 to 1000000000. Default `1`. */
    readonly per?: number | undefined
  } } | undefined
  /** At most 10. */
  readonly rateLimits?: readonly {
    /** At most 64 characters. */
    readonly name: string
    /** At most 40 characters. */
    readonly limit: string
    /** 1 to 1000000000. */
    readonly burst?: number | undefined
  }[] | undefined
  readonly quotas?: { readonly [name: string]: number } | undefined
  readonly softQuotas?: { readonly [name: string]: number } | undefined
  /** At most 50. */
  readonly features?: readonly string[] | undefined
}

/** What `plans.update` answers. */
export interface PlansUpdateOutput {
  plan: Plan
  revision: number
}

/** What `policies.get` takes. */
export interface PoliciesGetInput {
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly workspaceId?: string | undefined
}

/** What `policies.get` answers. */
export interface PoliciesGetOutput {
  installation: Policy
  workspace: Policy | null
  effective: Policy
}

/** `Policy` as the server answers it. */
export interface Policy {
  maxLifetime?: string
  expiryRequired?: boolean
  ipListRequired?: boolean
  forbiddenScopes?: string[][]
  rotateEvery?: string
  warnBefore?: string[]
  whenUnused?: {
    for: string
    do: 'disable' | 'revoke'
  }
  whenLeaked?: {
    live?: 'notify' | 'quarantine' | 'revoke'
    test?: 'notify' | 'quarantine' | 'revoke'
  }
}

/** What `policies.set` takes. */
export interface PoliciesSetInput {
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly workspaceId: string | null
  readonly policy: {
    /** At most 20 characters. */
    readonly maxLifetime?: string | undefined
    readonly expiryRequired?: boolean | undefined
    readonly ipListRequired?: boolean | undefined
    /** At most 50. */
    readonly forbiddenScopes?: readonly (readonly string[])[] | undefined
    /** At most 20 characters. */
    readonly rotateEvery?: string | undefined
    /** At most 10. */
    readonly warnBefore?: readonly string[] | undefined
    readonly whenUnused?: {
      /** At most 20 characters. */
      readonly for: string
      readonly do: 'disable' | 'revoke'
    } | undefined
    readonly whenLeaked?: {
      readonly live?: 'notify' | 'quarantine' | 'revoke' | undefined
      readonly test?: 'notify' | 'quarantine' | 'revoke' | undefined
    } | undefined
  }
}

/** What `policies.set` answers. */
export interface PoliciesSetOutput {
  policy: Policy
  revision: number
}

/** What `policies.violations` takes. */
export interface PoliciesViolationsInput {
  /** 1 to 100. Default `20`. */
  readonly limit?: number | undefined
  /** At most 500 characters. */
  readonly cursor?: string | undefined
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly workspaceId: string
}

/** What `policies.violations` answers. */
export interface PoliciesViolationsOutput {
  data: {
    /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
    keyId: string
    name: string
    rules: {
      rule: string
      message: string
    }[]
  }[]
  hasMore: boolean
  nextCursor: string | null
}

/** What `policies.whatIf` takes. */
export interface PoliciesWhatIfInput {
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly workspaceId: string
  /** Default `live`. */
  readonly mode?: 'live' | 'test' | undefined
  /** 1 to 90. Default `30`. */
  readonly days?: number | undefined
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly keyId?: string | undefined
  readonly policy?: {
    /** At most 20 characters. */
    readonly maxLifetime?: string | undefined
    readonly expiryRequired?: boolean | undefined
    readonly ipListRequired?: boolean | undefined
    /** At most 50. */
    readonly forbiddenScopes?: readonly (readonly string[])[] | undefined
    /** At most 20 characters. */
    readonly rotateEvery?: string | undefined
    /** At most 10. */
    readonly warnBefore?: readonly string[] | undefined
    readonly whenUnused?: {
      /** At most 20 characters. */
      readonly for: string
      readonly do: 'disable' | 'revoke'
    } | undefined
    readonly whenLeaked?: {
      readonly live?: 'notify' | 'quarantine' | 'revoke' | undefined
      readonly test?: 'notify' | 'quarantine' | 'revoke' | undefined
    } | undefined
  } | undefined
  /** At most 100. */
  readonly scopes?: readonly string[] | undefined
  /** At most 10. */
  readonly rateLimits?: readonly {
    /** At most 64 characters. */
    readonly name: string
    /** At most 40 characters. */
    readonly limit: string
    /** 1 to 1000000000. */
    readonly burst?: number | undefined
  }[] | undefined
  /** At most 100. */
  readonly ipAllow?: readonly string[] | undefined
}

/** What `policies.whatIf` answers. */
export interface PoliciesWhatIfOutput {
  /** RFC 3339. */
  from: string
  /** RFC 3339. */
  to: string
  isComplete: boolean
  lookedAt: number
  refusedThen: number
  unrecorded: number
  rules: {
    rule: string
    keys: number
    stopped: number
  }[]
  findings: {
    /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
    keyId: string
    name: string
    rule: string
    message: string
    stopped: number
    /** RFC 3339. */
    firstAt: string | null
    /** RFC 3339. */
    lastAt: string | null
    samples: {
      /** Such as `req_01k8zv3hq5e7tbd6j2m9w4xypn`. */
      requestId: string
      /** RFC 3339. */
      at: string
      operation: string
      ip: string | null
    }[]
  }[]
  hasMore: boolean
}

/** What `roles.create` takes. */
export interface RolesCreateInput {
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly workspaceId?: string | undefined
  /** At most 200 characters. */
  readonly name: string
  /** At most 100. */
  readonly scopes: readonly string[]
}

/** What `roles.create` answers. */
export interface RolesCreateOutput {
  role: Role
  revision: number
}

/** `Role` as the server answers it. */
export interface Role {
  /** Such as `role_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  id: string
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  workspaceId: string | null
  name: string
  scopes: string[]
  /** RFC 3339. */
  createdAt: string
  /** RFC 3339. */
  updatedAt: string
}

/** What `roles.delete` takes. */
export interface RolesDeleteInput {
  /** Such as `role_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly roleId: string
  /** Default `false`. */
  readonly force?: boolean | undefined
}

/** What `roles.delete` answers. */
export interface RolesDeleteOutput {
  role: Role
  keyCount: number
  revision: number
}

/** What `roles.list` takes. */
export interface RolesListInput {
  /** 1 to 100. Default `20`. */
  readonly limit?: number | undefined
  /** At most 500 characters. */
  readonly cursor?: string | undefined
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly workspaceId?: string | undefined
}

/** What `roles.list` answers. */
export interface RolesListOutput {
  data: Role[]
  hasMore: boolean
  nextCursor: string | null
}

/** What `roles.update` takes. */
export interface RolesUpdateInput {
  /** Such as `role_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly roleId: string
  /** At most 200 characters. */
  readonly name?: string | undefined
  /** At most 100. */
  readonly scopes?: readonly string[] | undefined
}

/** What `roles.update` answers. */
export interface RolesUpdateOutput {
  role: Role
  revision: number
}

/** What `rootKeys.create` takes. */
export interface RootKeysCreateInput {
  /** At most 200 characters. */
  readonly name: string
  /** At most 100. */
  readonly scopes: readonly string[]
  /** At most 100. */
  readonly grants?: readonly string[] | null | undefined
  /** At most 20 characters. */
  readonly expiresIn?: string | undefined
  /** At most 500 characters. */
  readonly purpose?: string | undefined
}

/** What `rootKeys.create` answers. */
export interface RootKeysCreateOutput {
  rootKey: RootKey
  secret: string
  revision: number
}

/** `RootKey` as the server answers it. */
export interface RootKey {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  id: string
  name: string
  purpose?: string
  scopes: string[]
  status: 'active' | 'disabled' | 'revoked'
  /** RFC 3339. */
  expiresAt: string | null
  /** RFC 3339. */
  revokedAt: string | null
  revokedReason?: string
  /** RFC 3339. */
  exposedAt: string | null
  /** RFC 3339. */
  lastUsedAt: string | null
  createdBy?: string
  /** RFC 3339. */
  createdAt: string
  /** RFC 3339. */
  updatedAt: string
  mode: 'root'
  grants: string[] | null
}

/** What `rootKeys.get` takes. */
export interface RootKeysGetInput {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly keyId: string
}

/** What `rootKeys.get` answers. */
export interface RootKeysGetOutput {
  rootKey: RootKey
  secretVersions: SecretVersion[]
}

/** What `rootKeys.list` takes. */
export interface RootKeysListInput {
  /** 1 to 100. Default `20`. */
  readonly limit?: number | undefined
  /** At most 500 characters. */
  readonly cursor?: string | undefined
}

/** What `rootKeys.list` answers. */
export interface RootKeysListOutput {
  data: RootKey[]
  hasMore: boolean
  nextCursor: string | null
}

/** What `rootKeys.retireSecret` takes. */
export interface RootKeysRetireSecretInput {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly keyId: string
  /** 1 to 1000000. */
  readonly version: number
  /** At most 200 characters. */
  readonly reason?: string | undefined
}

/** What `rootKeys.retireSecret` answers. */
export interface RootKeysRetireSecretOutput {
  secretVersion: SecretVersion
  revision: number
}

/** What `rootKeys.revoke` takes. */
export interface RootKeysRevokeInput {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly keyId: string
  /** At most 200 characters. */
  readonly reason?: string | undefined
}

/** What `rootKeys.revoke` answers. */
export interface RootKeysRevokeOutput {
  rootKey: RootKey
  revision: number
}

/** What `rootKeys.rotate` takes. */
export interface RootKeysRotateInput {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly keyId: string
  /** Default `24h`. */
  readonly overlap?: string | {
    /** At most 20 characters. */
    readonly untilSilentFor: string
    /** At most 20 characters. */
    readonly atMost: string
  } | undefined
}

/** What `rootKeys.rotate` answers. */
export interface RootKeysRotateOutput {
  rootKey: RootKey
  secret: string
  version: number
  /** RFC 3339. */
  retiresAt: string
  revision: number
}

/** What `scopes.list` takes. */
export interface ScopesListInput {
  /** 1 to 100. Default `100`. */
  readonly limit?: number | undefined
  /** At most 500 characters. */
  readonly cursor?: string | undefined
}

/** What `scopes.list` answers. */
export interface ScopesListOutput {
  data: {
    name: string
    allows: string
    grantedTo: 'key' | 'rootKey'
  }[]
  hasMore: boolean
  nextCursor: string | null
}

/** What `shares.create` takes. */
export interface SharesCreateInput {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly keyId: string
  /** At most 512 characters. */
  readonly secret: string
  /** At most 20 characters. Default `3d`. */
  readonly expiresIn?: string | undefined
  /** At most 200 characters. */
  readonly note?: string | undefined
}

/** What `shares.create` answers. */
export interface SharesCreateOutput {
  share: Share
  url: string
  revision: number
}

/** `Share` as the server answers it. */
export interface Share {
  /** Such as `shr_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  id: string
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  workspaceId: string
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  keyId: string
  status: 'waiting' | 'opened' | 'revoked' | 'expired'
  note: string | null
  createdBy: string
  /** RFC 3339. */
  createdAt: string
  /** RFC 3339. */
  expiresAt: string
  opened: {
    /** RFC 3339. */
    at: string
    ip: string
  } | null
  /** RFC 3339. */
  revokedAt: string | null
}

/** What `shares.list` takes. */
export interface SharesListInput {
  /** 1 to 100. Default `20`. */
  readonly limit?: number | undefined
  /** At most 500 characters. */
  readonly cursor?: string | undefined
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly workspaceId: string
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly keyId?: string | undefined
}

/** What `shares.list` answers. */
export interface SharesListOutput {
  data: Share[]
  hasMore: boolean
  nextCursor: string | null
}

/** What `shares.revoke` takes. */
export interface SharesRevokeInput {
  /** Such as `shr_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly shareId: string
}

/** What `shares.revoke` answers. */
export interface SharesRevokeOutput {
  share: Share
  revision: number
}

/** What `statements.current` takes. */
export interface StatementsCurrentInput {
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly workspaceId: string
}

/** What `statements.current` answers. */
export interface StatementsCurrentOutput {
  statements: {
    month: string
    currency: string
    total: number
    lines: (Line | {
      kind: 'usage'
      /** Such as `plan_01k8zv3hq5e7tbd6j2m9w4xypn`. */
      planId: string
      planName: string
      /** RFC 3339. */
      from: string
      /** RFC 3339. */
      to: string
      amount: number
      meter: string
      used: number
      included: number
      overage: number
      price: number
      per: number
    } | {
      kind: 'adjustment'
      /** Such as `plan_01k8zv3hq5e7tbd6j2m9w4xypn`. */
      planId: string
      planName: string
      /** RFC 3339. */
      from: string
      /** RFC 3339. */
      to: string
      amount: number
      /** Such as `stm_01k8zv3hq5e7tbd6j2m9w4xypn`. */
      statementId: string
      meter: string
      used: number
    })[]
  }[]
}

/** `Line` as the server answers it. */
export interface Line {
  kind: 'price'
  /** Such as `plan_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  planId: string
  planName: string
  /** RFC 3339. */
  from: string
  /** RFC 3339. */
  to: string
  amount: number
}

/** What `statements.get` takes. */
export interface StatementsGetInput {
  /** Such as `stm_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly statementId: string
  /** Default `json`. */
  readonly format?: 'json' | 'csv' | undefined
}

/** What `statements.get` answers. */
export interface StatementsGetOutput {
  statement: Statement
  csv: string | null
}

/** `Statement` as the server answers it. */
export interface Statement {
  /** Such as `stm_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  id: string
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  workspaceId: string
  month: string
  currency: string
  total: number
  lines: (Line | {
    kind: 'usage'
    /** Such as `plan_01k8zv3hq5e7tbd6j2m9w4xypn`. */
    planId: string
    planName: string
    /** RFC 3339. */
    from: string
    /** RFC 3339. */
    to: string
    amount: number
    meter: string
    used: number
    included: number
    overage: number
    price: number
    per: number
  } | {
    kind: 'adjustment'
    /** Such as `plan_01k8zv3hq5e7tbd6j2m9w4xypn`. */
    planId: string
    planName: string
    /** RFC 3339. */
    from: string
    /** RFC 3339. */
    to: string
    amount: number
    /** Such as `stm_01k8zv3hq5e7tbd6j2m9w4xypn`. */
    statementId: string
    meter: string
    used: number
  })[]
  /** RFC 3339. */
  createdAt: string
}

/** What `statements.list` takes. */
export interface StatementsListInput {
  /** 1 to 100. Default `20`. */
  readonly limit?: number | undefined
  /** At most 500 characters. */
  readonly cursor?: string | undefined
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly workspaceId: string
}

/** What `statements.list` answers. */
export interface StatementsListOutput {
  data: Statement[]
  hasMore: boolean
  nextCursor: string | null
}

/** What `statements.verify` takes. */
export interface StatementsVerifyInput {
  /** Such as `stm_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly statementId: string
}

/** What `statements.verify` answers. */
export interface StatementsVerifyOutput {
  matches: boolean
  differences: {
    stored: Line | {
      kind: 'usage'
      /** Such as `plan_01k8zv3hq5e7tbd6j2m9w4xypn`. */
      planId: string
      planName: string
      /** RFC 3339. */
      from: string
      /** RFC 3339. */
      to: string
      amount: number
      meter: string
      used: number
      included: number
      overage: number
      price: number
      per: number
    } | {
      kind: 'adjustment'
      /** Such as `plan_01k8zv3hq5e7tbd6j2m9w4xypn`. */
      planId: string
      planName: string
      /** RFC 3339. */
      from: string
      /** RFC 3339. */
      to: string
      amount: number
      /** Such as `stm_01k8zv3hq5e7tbd6j2m9w4xypn`. */
      statementId: string
      meter: string
      used: number
    } | null
    recomputed: Line | {
      kind: 'usage'
      /** Such as `plan_01k8zv3hq5e7tbd6j2m9w4xypn`. */
      planId: string
      planName: string
      /** RFC 3339. */
      from: string
      /** RFC 3339. */
      to: string
      amount: number
      meter: string
      used: number
      included: number
      overage: number
      price: number
      per: number
    } | {
      kind: 'adjustment'
      /** Such as `plan_01k8zv3hq5e7tbd6j2m9w4xypn`. */
      planId: string
      planName: string
      /** RFC 3339. */
      from: string
      /** RFC 3339. */
      to: string
      amount: number
      /** Such as `stm_01k8zv3hq5e7tbd6j2m9w4xypn`. */
      statementId: string
      meter: string
      used: number
    } | null
  }[]
}

/** What `usage.attempts` takes. */
export interface UsageAttemptsInput {
  /** RFC 3339. */
  readonly from?: string | undefined
  /** RFC 3339. */
  readonly to?: string | undefined
  /** At most 64 characters. */
  readonly sourceIp?: string | undefined
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly claimedKeyId?: string | undefined
  /** 1 to 100. Default `20`. */
  readonly limit?: number | undefined
}

/** What `usage.attempts` answers. */
export interface UsageAttemptsOutput {
  /** RFC 3339. */
  from: string
  /** RFC 3339. */
  to: string
  data: {
    sourceIp: string
    reason: string
    /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
    claimedKeyId: string | null
    attempts: number
    /** RFC 3339. */
    lastAt: string
  }[]
}

/** What `usage.getRetention` takes. */
export type UsageGetRetentionInput = Readonly<Record<never, never>>

/** What `usage.getRetention` answers. */
export interface UsageGetRetentionOutput {
  retention: {
    requestDays: number
    minuteDays: number
    attemptDays: number
  }
}

/** What `usage.requests` takes. */
export interface UsageRequestsInput {
  /** 1 to 100. Default `20`. */
  readonly limit?: number | undefined
  /** At most 500 characters. */
  readonly cursor?: string | undefined
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly workspaceId: string
  /** Default `live`. */
  readonly mode?: 'live' | 'test' | undefined
  /** RFC 3339. */
  readonly from?: string | undefined
  /** RFC 3339. */
  readonly to?: string | undefined
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly keyId?: string | undefined
  /** 100 to 599. */
  readonly status?: number | undefined
  readonly operation?: 'key.get' | 'key.revoke' | 'usage.get' | 'contacts.create' | 'contacts.list' | 'contacts.get' | 'contacts.update' | 'contacts.upsert' | 'contacts.delete' | 'contacts.export' | 'contacts.erase' | 'contacts.batch' | 'properties.create' | 'properties.list' | 'properties.get' | 'properties.update' | 'lists.create' | 'lists.list' | 'lists.get' | 'lists.update' | 'lists.delete' | 'lists.addContacts' | 'lists.removeContacts' | 'campaigns.create' | 'campaigns.list' | 'campaigns.get' | 'campaigns.update' | 'campaigns.delete' | 'campaigns.send' | 'campaigns.stats' | 'campaigns.recipients' | 'emails.send' | 'emails.get' | 'keys.verify' | 'oauth.introspect' | 'oauth.token' | 'verifier.verify' | undefined
  readonly outcome?: 'ok' | 'missing_key' | 'invalid_key' | 'expired_key' | 'revoked_key' | 'disabled_key' | 'retired_secret' | 'key_in_url' | 'insufficient_scope' | 'ip_not_allowed' | 'workspace_suspended' | 'key_quarantined' | 'rate_limited' | 'quota_exceeded' | 'not_fresh' | 'unavailable' | 'invalid_request' | 'not_found' | 'method_not_allowed' | 'invalid_state' | 'already_exists' | 'payload_too_large' | 'unsupported_media_type' | 'idempotency_mismatch' | 'headers_too_large' | 'internal' | undefined
  /** At most 500 characters. */
  readonly path?: string | undefined
  /** Such as `req_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly requestId?: string | undefined
}

/** What `usage.requests` answers. */
export interface UsageRequestsOutput {
  data: {
    /** Such as `req_01k8zv3hq5e7tbd6j2m9w4xypn`. */
    requestId: string
    /** RFC 3339. */
    at: string
    /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
    keyId: string
    secretVersion: number | null
    operation: string
    path: string | null
    method: string | null
    status: number
    outcome: string
    durationMs: number
    ip: string | null
    userAgent: string | null
  }[]
  hasMore: boolean
  nextCursor: string | null
}

/** What `usage.setRetention` takes. */
export interface UsageSetRetentionInput {
  /** 1 to 400. */
  readonly requestDays?: number | undefined
  /** 1 to 400. */
  readonly minuteDays?: number | undefined
  /** 1 to 400. */
  readonly attemptDays?: number | undefined
}

/** What `usage.setRetention` answers. */
export interface UsageSetRetentionOutput {
  retention: {
    requestDays: number
    minuteDays: number
    attemptDays: number
  }
  revision: number
}

/** What `usage.summary` takes. */
export interface UsageSummaryInput {
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly workspaceId: string
  /** Default `live`. */
  readonly mode?: 'live' | 'test' | undefined
  /** RFC 3339. */
  readonly from?: string | undefined
  /** RFC 3339. */
  readonly to?: string | undefined
}

/** What `usage.summary` answers. */
export interface UsageSummaryOutput {
  /** RFC 3339. */
  from: string
  /** RFC 3339. */
  to: string
  meters: {
    meter: string
    used: number
    limit: number | null
    /** RFC 3339. */
    resetsAt: string | null
  }[]
  days: {
    day: string
    meter: string
    used: number
  }[]
  requests: {
    total: number
    served: number
    rejected: number
    refused: number
    limited: number
    failed: number
    dropped: number
  }
  outcomes: {
    outcome: string
    status: string | null
    requests: number
  }[]
  topKeys: {
    /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
    keyId: string
    name: string | null
    requests: number
  }[]
  topOperations: {
    operation: string
    requests: number
  }[]
}

/** What `usage.timeseries` takes. */
export interface UsageTimeseriesInput {
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly workspaceId: string
  /** Default `live`. */
  readonly mode?: 'live' | 'test' | undefined
  /** RFC 3339. */
  readonly from: string
  /** RFC 3339. */
  readonly to: string
  readonly step: 'minute' | 'hour' | 'day'
  readonly by?: 'key' | 'operation' | 'outcome' | 'status' | undefined
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly keyId?: string | undefined
  readonly operation?: 'key.get' | 'key.revoke' | 'usage.get' | 'contacts.create' | 'contacts.list' | 'contacts.get' | 'contacts.update' | 'contacts.upsert' | 'contacts.delete' | 'contacts.export' | 'contacts.erase' | 'contacts.batch' | 'properties.create' | 'properties.list' | 'properties.get' | 'properties.update' | 'lists.create' | 'lists.list' | 'lists.get' | 'lists.update' | 'lists.delete' | 'lists.addContacts' | 'lists.removeContacts' | 'campaigns.create' | 'campaigns.list' | 'campaigns.get' | 'campaigns.update' | 'campaigns.delete' | 'campaigns.send' | 'campaigns.stats' | 'campaigns.recipients' | 'emails.send' | 'emails.get' | 'keys.verify' | 'oauth.introspect' | 'oauth.token' | 'verifier.verify' | undefined
  readonly outcome?: 'ok' | 'missing_key' | 'invalid_key' | 'expired_key' | 'revoked_key' | 'disabled_key' | 'retired_secret' | 'key_in_url' | 'insufficient_scope' | 'ip_not_allowed' | 'workspace_suspended' | 'key_quarantined' | 'rate_limited' | 'quota_exceeded' | 'not_fresh' | 'unavailable' | 'invalid_request' | 'not_found' | 'method_not_allowed' | 'invalid_state' | 'already_exists' | 'payload_too_large' | 'unsupported_media_type' | 'idempotency_mismatch' | 'headers_too_large' | 'internal' | undefined
}

/** What `usage.timeseries` answers. */
export interface UsageTimeseriesOutput {
  /** RFC 3339. */
  from: string
  /** RFC 3339. */
  to: string
  step: 'minute' | 'hour' | 'day'
  series: {
    name: string
    requests: number
    points: {
      /** RFC 3339. */
      at: string
      requests: number
    }[]
  }[]
}

/** What `workspaces.create` takes. */
export interface WorkspacesCreateInput {
  /** At most 200 characters. */
  readonly name: string
  /** Default `{}`. */
  readonly quotas?: { readonly [name: string]: number } | undefined
}

/** What `workspaces.create` answers. */
export interface WorkspacesCreateOutput {
  workspace: Workspace
  environments: {
    live: {
      /** Such as `env_01k8zv3hq5e7tbd6j2m9w4xypn`. */
      id: string
      mode: 'live'
    }
    test: {
      /** Such as `env_01k8zv3hq5e7tbd6j2m9w4xypn`. */
      id: string
      mode: 'test'
    }
  }
  quotas: { [name: string]: {
    amount: number
    origin: 'own' | 'plan'
  } }
  softQuotas: { [name: string]: number }
  revision: number
}

/** What `workspaces.get` takes. */
export interface WorkspacesGetInput {
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly workspaceId: string
}

/** What `workspaces.get` answers. */
export interface WorkspacesGetOutput {
  workspace: Workspace
  environments: {
    live: {
      /** Such as `env_01k8zv3hq5e7tbd6j2m9w4xypn`. */
      id: string
      mode: 'live'
    }
    test: {
      /** Such as `env_01k8zv3hq5e7tbd6j2m9w4xypn`. */
      id: string
      mode: 'test'
    }
  }
  quotas: { [name: string]: {
    amount: number
    origin: 'own' | 'plan'
  } }
  softQuotas: { [name: string]: number }
}

/** What `workspaces.list` takes. */
export interface WorkspacesListInput {
  /** 1 to 100. Default `20`. */
  readonly limit?: number | undefined
  /** At most 500 characters. */
  readonly cursor?: string | undefined
}

/** What `workspaces.list` answers. */
export interface WorkspacesListOutput {
  data: Workspace[]
  hasMore: boolean
  nextCursor: string | null
}

/** What `workspaces.resume` takes. */
export interface WorkspacesResumeInput {
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly workspaceId: string
}

/** What `workspaces.resume` answers. */
export interface WorkspacesResumeOutput {
  workspace: Workspace
  environments: {
    live: {
      /** Such as `env_01k8zv3hq5e7tbd6j2m9w4xypn`. */
      id: string
      mode: 'live'
    }
    test: {
      /** Such as `env_01k8zv3hq5e7tbd6j2m9w4xypn`. */
      id: string
      mode: 'test'
    }
  }
  quotas: { [name: string]: {
    amount: number
    origin: 'own' | 'plan'
  } }
  softQuotas: { [name: string]: number }
  revision: number
}

/** What `workspaces.suspend` takes. */
export interface WorkspacesSuspendInput {
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly workspaceId: string
  /** At most 200 characters. */
  readonly reason?: string | undefined
}

/** What `workspaces.suspend` answers. */
export interface WorkspacesSuspendOutput {
  workspace: Workspace
  environments: {
    live: {
      /** Such as `env_01k8zv3hq5e7tbd6j2m9w4xypn`. */
      id: string
      mode: 'live'
    }
    test: {
      /** Such as `env_01k8zv3hq5e7tbd6j2m9w4xypn`. */
      id: string
      mode: 'test'
    }
  }
  quotas: { [name: string]: {
    amount: number
    origin: 'own' | 'plan'
  } }
  softQuotas: { [name: string]: number }
  revision: number
}

/** What `workspaces.update` takes. */
export interface WorkspacesUpdateInput {
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  readonly workspaceId: string
  /** At most 200 characters. */
  readonly name?: string | undefined
  /** At most 10. */
  readonly rateLimits?: readonly {
    /** At most 64 characters. */
    readonly name: string
    /** At most 40 characters. */
    readonly limit: string
    /** 1 to 1000000000. */
    readonly burst?: number | undefined
  }[] | undefined
  readonly quotas?: { readonly [name: string]: number } | undefined
  readonly spendCap?: {
    /** 0 to 1000000000000. */
    readonly amount: number
    /** At most 3 characters. */
    readonly currency: string
  } | null | undefined
}

/** What `workspaces.update` answers. */
export interface WorkspacesUpdateOutput {
  workspace: Workspace
  environments: {
    live: {
      /** Such as `env_01k8zv3hq5e7tbd6j2m9w4xypn`. */
      id: string
      mode: 'live'
    }
    test: {
      /** Such as `env_01k8zv3hq5e7tbd6j2m9w4xypn`. */
      id: string
      mode: 'test'
    }
  }
  quotas: { [name: string]: {
    amount: number
    origin: 'own' | 'plan'
  } }
  softQuotas: { [name: string]: number }
  revision: number
}

/** `admin.advice` */
export interface AdviceProcedures {
  /** Needs the root scope `keys:write`. */
  readonly accept: (input: AdviceAcceptInput, options?: CallOptions) => Promise<AdviceAcceptOutput>
  /** Needs the root scope `usageRecords:read`. */
  readonly leastPrivilege: (input: AdviceLeastPrivilegeInput, options?: CallOptions) => Promise<AdviceLeastPrivilegeOutput>
  /** Needs the root scope `keys:write`. */
  readonly undo: (input: AdviceUndoInput, options?: CallOptions) => Promise<AdviceUndoOutput>
}

/** `admin.alerts` */
export interface AlertsProcedures {
  /** Needs the root scope `alerts:write`. */
  readonly acknowledge: (input: AlertsAcknowledgeInput, options?: CallOptions) => Promise<AlertsAcknowledgeOutput>
  /** Needs the root scope `alerts:read`. */
  readonly list: (input: AlertsListInput, options?: CallOptions) => Promise<AlertsListOutput>
}

/** `admin.audit` */
export interface AuditProcedures {
  /** Needs the root scope `audit:read`. */
  readonly list: (input: AuditListInput, options?: CallOptions) => Promise<AuditListOutput>
  /** Needs the root scope `audit:read`. */
  readonly verify: (input: AuditVerifyInput, options?: CallOptions) => Promise<AuditVerifyOutput>
}

/** `admin.canaries` */
export interface CanariesProcedures {
  /** Needs the root scope `keys:write`. */
  readonly create: (input: CanariesCreateInput, options?: CallOptions) => Promise<CanariesCreateOutput>
  /** Needs the root scope `keys:read`. */
  readonly list: (input: CanariesListInput, options?: CallOptions) => Promise<CanariesListOutput>
  /** Needs the root scope `keys:write`. */
  readonly revoke: (input: CanariesRevokeInput, options?: CallOptions) => Promise<CanariesRevokeOutput>
}

/** `admin.keys` */
export interface KeysProcedures {
  /** Needs the root scope `keys:write`. */
  readonly create: (input: KeysCreateInput, options?: CallOptions) => Promise<KeysCreateOutput>
  /** Needs the root scope `usageRecords:read`. */
  readonly dependents: (input: KeysDependentsInput, options?: CallOptions) => Promise<KeysDependentsOutput>
  /** Needs the root scope `keys:write`. */
  readonly disable: (input: KeysDisableInput, options?: CallOptions) => Promise<KeysDisableOutput>
  /** Needs the root scope `keys:read`. */
  readonly drain: (input: KeysDrainInput, options?: CallOptions) => Promise<KeysDrainOutput>
  /** Needs the root scope `keys:write`. */
  readonly enable: (input: KeysEnableInput, options?: CallOptions) => Promise<KeysEnableOutput>
  /** Needs the root scope `keys:read`. */
  readonly get: (input: KeysGetInput, options?: CallOptions) => Promise<KeysGetOutput>
  /** Needs the root scope `keys:write`. */
  readonly import: (input: KeysImportInput, options?: CallOptions) => Promise<KeysImportOutput>
  /** Needs the root scope `keys:read`. */
  readonly list: (input: KeysListInput, options?: CallOptions) => Promise<KeysListOutput>
  /** Needs the root scope `keys:write`. */
  readonly quarantine: (input: KeysQuarantineInput, options?: CallOptions) => Promise<KeysQuarantineOutput>
  /** Needs the root scope `keys:write`. */
  readonly release: (input: KeysReleaseInput, options?: CallOptions) => Promise<KeysReleaseOutput>
  /** Needs the root scope `keys:write`. */
  readonly retireSecret: (input: KeysRetireSecretInput, options?: CallOptions) => Promise<KeysRetireSecretOutput>
  /** Needs the root scope `keys:write`. */
  readonly revoke: (input: KeysRevokeInput, options?: CallOptions) => Promise<KeysRevokeOutput>
  /** Needs the root scope `keys:write`. */
  readonly revokeMany: (input: KeysRevokeManyInput, options?: CallOptions) => Promise<KeysRevokeManyOutput>
  /** Needs the root scope `keys:write`. */
  readonly rotate: (input: KeysRotateInput, options?: CallOptions) => Promise<KeysRotateOutput>
  /** Needs the root scope `keys:write`. */
  readonly update: (input: KeysUpdateInput, options?: CallOptions) => Promise<KeysUpdateOutput>
  /** Needs the root scope `verifier:read`. */
  readonly verify: (input: KeysVerifyInput, options?: CallOptions) => Promise<KeysVerifyOutput>
}

/** `admin.leaks` */
export interface LeaksProcedures {
  /** Needs the root scope `usageRecords:read`. */
  readonly blastRadius: (input: LeaksBlastRadiusInput, options?: CallOptions) => Promise<LeaksBlastRadiusOutput>
  /** Needs the root scope `alerts:read`. */
  readonly list: (input: LeaksListInput, options?: CallOptions) => Promise<LeaksListOutput>
}

/** `admin.plans` */
export interface PlansProcedures {
  /** Needs the root scope `plans:write`. */
  readonly assign: (input: PlansAssignInput, options?: CallOptions) => Promise<PlansAssignOutput>
  /** Needs the root scope `plans:write`. */
  readonly create: (input: PlansCreateInput, options?: CallOptions) => Promise<PlansCreateOutput>
  /** Needs the root scope `plans:read`. */
  readonly list: (input?: PlansListInput, options?: CallOptions) => Promise<PlansListOutput>
  /** Needs the root scope `plans:write`. */
  readonly update: (input: PlansUpdateInput, options?: CallOptions) => Promise<PlansUpdateOutput>
}

/** `admin.policies` */
export interface PoliciesProcedures {
  /** Needs the root scope `policies:read`. */
  readonly get: (input?: PoliciesGetInput, options?: CallOptions) => Promise<PoliciesGetOutput>
  /** Needs the root scope `policies:write`. */
  readonly set: (input: PoliciesSetInput, options?: CallOptions) => Promise<PoliciesSetOutput>
  /** Needs the root scope `policies:read`. */
  readonly violations: (input: PoliciesViolationsInput, options?: CallOptions) => Promise<PoliciesViolationsOutput>
  /** Needs the root scope `usageRecords:read`. */
  readonly whatIf: (input: PoliciesWhatIfInput, options?: CallOptions) => Promise<PoliciesWhatIfOutput>
}

/** `admin.roles` */
export interface RolesProcedures {
  /** Needs the root scope `roles:write`. */
  readonly create: (input: RolesCreateInput, options?: CallOptions) => Promise<RolesCreateOutput>
  /** Needs the root scope `roles:write`. */
  readonly delete: (input: RolesDeleteInput, options?: CallOptions) => Promise<RolesDeleteOutput>
  /** Needs the root scope `roles:read`. */
  readonly list: (input?: RolesListInput, options?: CallOptions) => Promise<RolesListOutput>
  /** Needs the root scope `roles:write`. */
  readonly update: (input: RolesUpdateInput, options?: CallOptions) => Promise<RolesUpdateOutput>
}

/** `admin.rootKeys` */
export interface RootKeysProcedures {
  /** Needs the root scope `rootKeys:write`. */
  readonly create: (input: RootKeysCreateInput, options?: CallOptions) => Promise<RootKeysCreateOutput>
  /** Needs the root scope `rootKeys:read`. */
  readonly get: (input: RootKeysGetInput, options?: CallOptions) => Promise<RootKeysGetOutput>
  /** Needs the root scope `rootKeys:read`. */
  readonly list: (input?: RootKeysListInput, options?: CallOptions) => Promise<RootKeysListOutput>
  /** Needs the root scope `rootKeys:write`. */
  readonly retireSecret: (input: RootKeysRetireSecretInput, options?: CallOptions) => Promise<RootKeysRetireSecretOutput>
  /** Needs the root scope `rootKeys:write`. */
  readonly revoke: (input: RootKeysRevokeInput, options?: CallOptions) => Promise<RootKeysRevokeOutput>
  /** Needs the root scope `rootKeys:write`. */
  readonly rotate: (input: RootKeysRotateInput, options?: CallOptions) => Promise<RootKeysRotateOutput>
}

/** `admin.scopes` */
export interface ScopesProcedures {
  /** Needs the root scope `scopes:read`. */
  readonly list: (input?: ScopesListInput, options?: CallOptions) => Promise<ScopesListOutput>
}

/** `admin.shares` */
export interface SharesProcedures {
  /** Needs the root scope `keys:write`. */
  readonly create: (input: SharesCreateInput, options?: CallOptions) => Promise<SharesCreateOutput>
  /** Needs the root scope `keys:read`. */
  readonly list: (input: SharesListInput, options?: CallOptions) => Promise<SharesListOutput>
  /** Needs the root scope `keys:write`. */
  readonly revoke: (input: SharesRevokeInput, options?: CallOptions) => Promise<SharesRevokeOutput>
}

/** `admin.statements` */
export interface StatementsProcedures {
  /** Needs the root scope `statements:read`. */
  readonly current: (input: StatementsCurrentInput, options?: CallOptions) => Promise<StatementsCurrentOutput>
  /** Needs the root scope `statements:read`. */
  readonly get: (input: StatementsGetInput, options?: CallOptions) => Promise<StatementsGetOutput>
  /** Needs the root scope `statements:read`. */
  readonly list: (input: StatementsListInput, options?: CallOptions) => Promise<StatementsListOutput>
  /** Needs the root scope `statements:read`. */
  readonly verify: (input: StatementsVerifyInput, options?: CallOptions) => Promise<StatementsVerifyOutput>
}

/** `admin.usage` */
export interface UsageProcedures {
  /** Needs the root scope `usageRecords:read`. */
  readonly attempts: (input?: UsageAttemptsInput, options?: CallOptions) => Promise<UsageAttemptsOutput>
  /** Needs the root scope `usageRecords:read`. */
  readonly getRetention: (input?: UsageGetRetentionInput, options?: CallOptions) => Promise<UsageGetRetentionOutput>
  /** Needs the root scope `usageRecords:read`. */
  readonly requests: (input: UsageRequestsInput, options?: CallOptions) => Promise<UsageRequestsOutput>
  /** Needs the root scope `usageRecords:write`. */
  readonly setRetention: (input?: UsageSetRetentionInput, options?: CallOptions) => Promise<UsageSetRetentionOutput>
  /** Needs the root scope `usageRecords:read`. */
  readonly summary: (input: UsageSummaryInput, options?: CallOptions) => Promise<UsageSummaryOutput>
  /** Needs the root scope `usageRecords:read`. */
  readonly timeseries: (input: UsageTimeseriesInput, options?: CallOptions) => Promise<UsageTimeseriesOutput>
}

/** `admin.workspaces` */
export interface WorkspacesProcedures {
  /** Needs the root scope `workspaces:write`. */
  readonly create: (input: WorkspacesCreateInput, options?: CallOptions) => Promise<WorkspacesCreateOutput>
  /** Needs the root scope `workspaces:read`. */
  readonly get: (input: WorkspacesGetInput, options?: CallOptions) => Promise<WorkspacesGetOutput>
  /** Needs the root scope `workspaces:read`. */
  readonly list: (input?: WorkspacesListInput, options?: CallOptions) => Promise<WorkspacesListOutput>
  /** Needs the root scope `workspaces:write`. */
  readonly resume: (input: WorkspacesResumeInput, options?: CallOptions) => Promise<WorkspacesResumeOutput>
  /** Needs the root scope `workspaces:write`. */
  readonly suspend: (input: WorkspacesSuspendInput, options?: CallOptions) => Promise<WorkspacesSuspendOutput>
  /** Needs the root scope `workspaces:write`. */
  readonly update: (input: WorkspacesUpdateInput, options?: CallOptions) => Promise<WorkspacesUpdateOutput>
}

/** Every procedure of the management API. */
export interface Procedures {
  readonly advice: AdviceProcedures
  readonly alerts: AlertsProcedures
  readonly audit: AuditProcedures
  readonly canaries: CanariesProcedures
  readonly keys: KeysProcedures
  readonly leaks: LeaksProcedures
  readonly plans: PlansProcedures
  readonly policies: PoliciesProcedures
  readonly roles: RolesProcedures
  readonly rootKeys: RootKeysProcedures
  readonly scopes: ScopesProcedures
  readonly shares: SharesProcedures
  readonly statements: StatementsProcedures
  readonly usage: UsageProcedures
  readonly workspaces: WorkspacesProcedures
}
