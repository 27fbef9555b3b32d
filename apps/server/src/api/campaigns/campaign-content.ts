import type { BodyOf } from '@letterlock/contract'
import type { campaigns } from '@letterlock/db'

/** What a new campaign is stored with. */
export function newContent(body: BodyOf<'campaigns.create'>): campaigns.CampaignContent {
  return {
    name: body.name,
    subject: body.subject,
    html: body.html,
    text: body.text ?? null,
    from_mailbox: body.from,
    reply_to: body.replyTo ?? null,
    list_ids: [...new Set(body.listIds)],
    exclude_list_ids: [...new Set(body.excludeListIds)],
  }
}

/** The content of a draft after a change: absent fields stay, null removes. */
export function changedContent(row: campaigns.CampaignContent, body: BodyOf<'campaigns.update'>): campaigns.CampaignContent {
  return {
    name: body.name ?? row.name,
    subject: body.subject ?? row.subject,
    html: body.html ?? row.html,
    text: body.text === undefined ? row.text : body.text,
    from_mailbox: body.from ?? row.from_mailbox,
    reply_to: body.replyTo === undefined ? row.reply_to : body.replyTo,
    list_ids: body.listIds ? [...new Set(body.listIds)] : row.list_ids,
    exclude_list_ids: body.excludeListIds ? [...new Set(body.excludeListIds)] : row.exclude_list_ids,
  }
}
