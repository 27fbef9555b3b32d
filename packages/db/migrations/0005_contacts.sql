-- People, the lists they are on, and who must not be mailed.
create table contacts (
  environment_id text collate "C" not null,
  id text collate "C" not null,
  email text not null,
  email_key text not null collate "C",
  first_name text,
  last_name text,
  properties jsonb not null default '{}',
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (environment_id, id),
  unique (environment_id, email_key)
);
create index contacts_by_update on contacts (environment_id, updated_at);

create table lists (
  environment_id text collate "C" not null,
  id text collate "C" not null,
  name text not null,
  description text,
  double_opt_in boolean not null,
  visibility text not null check (visibility in ('private', 'public')),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (environment_id, id)
);

create table list_members (
  environment_id text collate "C" not null,
  list_id text collate "C" not null,
  contact_id text collate "C" not null,
  status text not null check (status in ('subscribed', 'unconfirmed', 'unsubscribed')),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (environment_id, list_id, contact_id),
  foreign key (environment_id, list_id) references lists (environment_id, id) on delete cascade,
  foreign key (environment_id, contact_id) references contacts (environment_id, id) on delete cascade
);
create index list_members_of_contact on list_members (environment_id, contact_id);

-- Who left a list by his own will. By address: it outlives the contact, so that nobody is brought back by creating him anew.
create table opt_outs (
  environment_id text collate "C" not null,
  list_id text collate "C" not null,
  email_key text not null collate "C",
  created_at timestamptz not null,
  primary key (environment_id, list_id, email_key),
  foreign key (environment_id, list_id) references lists (environment_id, id) on delete cascade
);

create table suppressions (
  environment_id text collate "C" not null,
  email_key text not null collate "C",
  origin text not null check (origin in ('bounce', 'complaint', 'unsubscribe', 'manual')),
  source text,
  created_at timestamptz not null,
  primary key (environment_id, email_key)
);

-- What a person agreed to or withdrew, as it happened.
create table consent_events (
  environment_id text collate "C" not null,
  contact_id text collate "C" not null,
  at timestamptz not null,
  list_id text collate "C" not null,
  status text not null check (status in ('subscribed', 'unconfirmed', 'unsubscribed', 'removed')),
  source text not null,
  ip text,
  primary key (environment_id, contact_id, at, list_id)
);
