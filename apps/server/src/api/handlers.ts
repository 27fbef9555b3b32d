import type { Handlers } from '../http/handler.ts'
import { createCampaign } from './campaigns/create.ts'
import { deleteCampaign } from './campaigns/delete.ts'
import { getCampaign } from './campaigns/get.ts'
import { listCampaigns } from './campaigns/list.ts'
import { listCampaignRecipients } from './campaigns/recipients.ts'
import { sendCampaign } from './campaigns/send.ts'
import { getCampaignStats } from './campaigns/stats.ts'
import { updateCampaign } from './campaigns/update.ts'
import { batchContacts } from './contacts/batch.ts'
import { createContact } from './contacts/create.ts'
import { deleteContact } from './contacts/delete.ts'
import { eraseContact } from './contacts/erase.ts'
import { exportContact } from './contacts/export.ts'
import { getContact } from './contacts/get.ts'
import { listContacts } from './contacts/list.ts'
import { updateContact } from './contacts/update.ts'
import { upsertContact } from './contacts/upsert.ts'
import { getEmail } from './emails/get.ts'
import { sendEmail } from './emails/send.ts'
import { getKey } from './key/get-key.ts'
import { revokeKey } from './key/revoke-key.ts'
import { addContacts } from './lists/add-contacts.ts'
import { createList } from './lists/create.ts'
import { deleteList } from './lists/delete.ts'
import { getList } from './lists/get.ts'
import { listLists } from './lists/list.ts'
import { removeContacts } from './lists/remove-contacts.ts'
import { updateList } from './lists/update.ts'
import { createProperty } from './properties/create.ts'
import { getProperty } from './properties/get.ts'
import { listProperties } from './properties/list.ts'
import { updateProperty } from './properties/update.ts'
import { getUsage } from './usage/get.ts'

/** What each operation of the table does. */
export const handlers: Handlers = {
  'key.get': getKey,
  'key.revoke': revokeKey,
  'usage.get': getUsage,
  'contacts.create': createContact,
  'contacts.list': listContacts,
  'contacts.get': getContact,
  'contacts.update': updateContact,
  'contacts.upsert': upsertContact,
  'contacts.delete': deleteContact,
  'contacts.export': exportContact,
  'contacts.erase': eraseContact,
  'contacts.batch': batchContacts,
  'properties.create': createProperty,
  'properties.list': listProperties,
  'properties.get': getProperty,
  'properties.update': updateProperty,
  'lists.create': createList,
  'lists.list': listLists,
  'lists.get': getList,
  'lists.update': updateList,
  'lists.delete': deleteList,
  'lists.addContacts': addContacts,
  'lists.removeContacts': removeContacts,
  'campaigns.create': createCampaign,
  'campaigns.list': listCampaigns,
  'campaigns.get': getCampaign,
  'campaigns.update': updateCampaign,
  'campaigns.delete': deleteCampaign,
  'campaigns.send': sendCampaign,
  'campaigns.stats': getCampaignStats,
  'campaigns.recipients': listCampaignRecipients,
  'emails.send': sendEmail,
  'emails.get': getEmail,
}
