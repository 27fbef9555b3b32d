-- The send ledger: a frozen audience per campaign, and transactional e-mails.
-- state: queued -> claimed (lease) -> attempting (committed before the hand-over) -> sent | failed | suppressed | unknown
create table campaigns (
  environment_id text collate "C" not null,
  id text collate "C" not null,
  name text not null,
  subject text not null,
  html text not null,
  text text,
  from_mailbox text not null,
  reply_to text,
  list_ids text[] not null,
  exclude_list_ids text[] not null,
  status text not null check (status in ('draft', 'scheduled', 'sending', 'paused', 'sent', 'cancelled', 'failed')),
  pause_reason text check (pause_reason in
    ('user', 'error_rate', 'bounce_rate', 'complaint_rate', 'quota', 'throttled', 'domain_unverified')),
  scheduled_at timestamptz,
  started_at timestamptz,
  freeze_cursor text collate "C",
  frozen_at timestamptz,
  finished_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (environment_id, id),
  check ((status = 'paused') = (pause_reason is not null))
);
create index campaigns_by_id on campaigns (id);
create index campaigns_at_work on campaigns (status, id) where status in ('sending', 'paused', 'scheduled');
create index campaigns_out_of_quota on campaigns (environment_id, id) where pause_reason = 'quota';

create table campaign_recipients (
  environment_id text collate "C" not null,
  campaign_id text collate "C" not null,
  contact_id text collate "C" not null,
  email text not null,
  email_key text not null collate "C",
  state text not null collate "C" check (state in
    ('queued', 'claimed', 'attempting', 'sent', 'failed', 'suppressed', 'unknown')),
  reason text,
  attempts smallint not null default 0,
  -- counts every claim and never goes down: it names one claim, and fences what is said about it
  claims integer not null default 0,
  charged boolean not null default false,
  next_attempt_at timestamptz,
  lease_owner text collate "C",
  lease_until timestamptz,
  message_id text collate "C",
  sent_at timestamptz,
  delivered_at timestamptz,
  bounced_at timestamptz,
  complained_at timestamptz,
  unsubscribed_at timestamptz,
  primary key (environment_id, campaign_id, contact_id),
  -- the campaign last: no plan may mistake this index for the primary key when statistics are young
  unique (environment_id, email_key, campaign_id),
  foreign key (environment_id, campaign_id) references campaigns (environment_id, id)
) with (fillfactor = 70);
create index campaign_recipients_to_send on campaign_recipients (environment_id, campaign_id, next_attempt_at)
  where state = 'queued';
create index campaign_recipients_leased on campaign_recipients (environment_id, campaign_id)
  where state in ('claimed', 'attempting');

create table emails (
  environment_id text collate "C" not null,
  id text collate "C" not null,
  from_mailbox text not null,
  recipients text[] not null,
  subject text not null,
  html text,
  text text,
  reply_to text,
  headers jsonb not null default '{}',
  tags text[] not null default '{}',
  state text not null collate "C" check (state in
    ('queued', 'claimed', 'attempting', 'sent', 'failed', 'suppressed', 'unknown')),
  reason text,
  attempts smallint not null default 0,
  -- counts every claim and never goes down: it names one claim, and fences what is said about it
  claims integer not null default 0,
  next_attempt_at timestamptz,
  lease_owner text collate "C",
  lease_until timestamptz,
  message_id text collate "C",
  created_at timestamptz not null,
  sent_at timestamptz,
  primary key (environment_id, id)
);
create index emails_to_send on emails (next_attempt_at) where state = 'queued';
create index emails_leased on emails (lease_until) where state in ('claimed', 'attempting');
