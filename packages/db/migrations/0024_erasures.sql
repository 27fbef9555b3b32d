-- Whom the product forgot on his own demand, kept as a hash alone: he is never mailed again, though nobody knows him.
-- The environment is part of what is hashed, so that one list of hashes tells nothing about another environment.
create function erased_digest(environment_id text, email_key text) returns bytea
  language sql immutable strict parallel safe
  return sha256(convert_to(environment_id || ':' || email_key, 'UTF8'));

create table erasures (
  environment_id text collate "C" not null,
  digest bytea not null,
  erased_at timestamptz not null,
  primary key (environment_id, digest)
);

-- Who was erased and comes back as a new contact is suppressed from the start.
alter table suppressions drop constraint suppressions_origin_check;
alter table suppressions add constraint suppressions_origin_check
  check (origin in ('bounce', 'complaint', 'unsubscribe', 'manual', 'erasure'));

-- What a person was asked, in the words he saw.
alter table consent_events add column wording text;

-- The normalised addresses of `recipients`, one for each, in order: all e-mails to one person are found by them.
alter table emails add column recipient_keys text[] not null default '{}';
update emails set recipient_keys = array(
  select lower(coalesce(substring(mailbox from '<([^<>]*)>$'), btrim(mailbox)))
  from unnest(recipients) with ordinality as r (mailbox, place) order by place
);
create index emails_by_recipient on emails using gin (recipient_keys);
