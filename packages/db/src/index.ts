/** All SQL of Letterlock, one namespace per aggregate. */
import * as auditEvents from './audit-events.ts'
import * as campaignRecipients from './campaign-recipients.ts'
import * as campaigns from './campaigns.ts'
import * as contacts from './contacts.ts'
import * as emails from './emails.ts'
import * as idempotencyKeys from './idempotency-keys.ts'
import * as keys from './keys.ts'
import * as lists from './lists.ts'
import * as meters from './meters.ts'
import * as revisions from './revisions.ts'
import * as suppressions from './suppressions.ts'
import * as unsubscribes from './unsubscribes.ts'
import * as usage from './usage.ts'
import * as workspaces from './workspaces.ts'

export { connect, type ConnectOptions, type Db, type Tx } from './connect.ts'
export { listPendingMigrations, migrate, MigrationError } from './migrate.ts'
export { auditEvents, campaignRecipients, campaigns, contacts, emails, unsubscribes, idempotencyKeys, keys, lists, meters, revisions, suppressions, usage, workspaces }
