import { newId } from '@letterlock/contract'
import type { campaigns } from '@letterlock/db'
import {
  campaignAnswer, campaignSummary, cannotStart, changedContent, contentIssues, type Failure, invalid, lostList, newContent, noList, notFound,
  onlyDrafts, recipientAnswer,
} from '@letterlock/server/product-rooms'
import { statsOf } from '../memory/campaign-stats.ts'
import type { MemoryEnvironment, StoredCampaign } from '../memory/environment.ts'
import type { MemoryHandlers } from '../memory-handler.ts'
import { pageOf } from './page-of.ts'

type CampaignHandlers = Pick<MemoryHandlers, Extract<keyof MemoryHandlers, `campaigns.${string}`>>

export const campaignHandlers: CampaignHandlers = {
  'campaigns.create': ({ environment, body, now }) => {
    if (body.segmentIds?.length) return notFound // there are no segments, so none of that id
    const content = newContent(body)
    const refusal = refuseContent(environment, content)
    if (refusal) return refusal
    const id = newId('campaign')
    const row: StoredCampaign = {
      ...content, id, environment_id: environment.id, status: 'draft', pause_reason: null, scheduled_at: null,
      started_at: null, frozen_at: null, freeze_cursor: null, finished_at: null, created_at: now, updated_at: now,
    }
    environment.campaigns.set(id, row)
    return { status: 201, body: campaignAnswer(row) }
  },

  'campaigns.list': ({ environment, query }) => {
    const rows = [...environment.campaigns.values()].reverse().filter(({ status }) => query.status === undefined || status === query.status)
    return pageOf(rows, query, { idOf: ({ id }) => id, answer: campaignSummary })
  },

  'campaigns.get': ({ environment, params }) => {
    const row = environment.campaigns.get(params.id)
    return row ? { status: 200, body: campaignAnswer(row) } : notFound
  },

  'campaigns.update': ({ environment, params, body, now }) => {
    const row = environment.campaigns.get(params.id)
    if (!row || body.segmentIds?.length) return notFound
    if (row.status !== 'draft') return onlyDrafts('changed', row.status)
    const content = changedContent(row, body)
    // lists that were there before may be gone by now; that is no fault of this change
    const refusal = refuseContent(environment, { ...content, list_ids: body.listIds ?? [], exclude_list_ids: body.excludeListIds ?? [] })
    if (refusal) return refusal
    const updated = { ...row, ...content, updated_at: now }
    environment.campaigns.set(params.id, updated)
    return { status: 200, body: campaignAnswer(updated) }
  },

  'campaigns.delete': ({ environment, params }) => {
    const row = environment.campaigns.get(params.id)
    if (!row) return notFound
    if (row.status !== 'draft') return onlyDrafts('deleted', row.status)
    environment.campaigns.delete(params.id)
    return { status: 204, body: null }
  },

  'campaigns.send': ({ environment, params, now, emit }) => {
    const row = environment.campaigns.get(params.id)
    if (!row) return notFound
    if (row.list_ids.length === 0) return noList
    if (!allListsExist(environment, row)) return lostList
    if (row.status !== 'draft' && row.status !== 'paused') return cannotStart(row.status)
    const started = { ...row, status: 'sending', pause_reason: null, started_at: row.started_at ?? now, updated_at: now }
    environment.campaigns.set(params.id, started)
    emit('campaign.sending', campaignSummary(started))
    return { status: 202, body: campaignAnswer(started) }
  },

  'campaigns.stats': ({ environment, params }) => {
    if (!environment.campaigns.has(params.id)) return notFound
    return { status: 200, body: statsOf(environment.recipients.get(params.id) ?? []) }
  },

  'campaigns.recipients': ({ environment, params, query }) => {
    if (!environment.campaigns.has(params.id)) return notFound
    const rows = [...(environment.recipients.get(params.id) ?? [])].reverse()
    const wanted = rows.filter((row) => query.state === undefined || recipientAnswer(row).state === query.state)
    return pageOf(wanted, query, { idOf: (row) => row.contact_id, answer: recipientAnswer })
  },
}

function refuseContent(environment: MemoryEnvironment, content: campaigns.CampaignContent): Failure | null {
  const issues = contentIssues(content)
  if (issues.length > 0) return invalid(issues)
  return allListsExist(environment, content) ? null : notFound
}

function allListsExist({ lists }: MemoryEnvironment, { list_ids, exclude_list_ids }: campaigns.CampaignContent): boolean {
  const ids: ReadonlySet<string> = new Set(lists.keys())
  return [...list_ids, ...exclude_list_ids].every((id) => ids.has(id))
}
