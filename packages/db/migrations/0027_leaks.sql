-- Where secrets were found that nobody should have: each place once, and what was done when it became known.
create table leaks (
  id text collate "C" primary key,
  -- null: of a root key
  workspace_id text collate "C" references workspaces (id),
  key_id text collate "C" not null references keys (id),
  secret_version integer not null,
  source text collate "C" not null check (source in ('github', 'report')),
  -- as the source calls it: content, commit, issue_body, npm
  kind text,
  url text,
  -- of whoever told
  reporter_ip text,
  response text collate "C" not null check (response in ('none', 'notified', 'retired', 'revoked')),
  found_at timestamptz not null
);
create index leaks_of_workspace on leaks (workspace_id, id);
create index leaks_of_key on leaks (key_id, id);

-- The SHA-256 of messages that were acted upon, so that a copy of one is known.
create table leak_messages (
  digest bytea primary key,
  at timestamptz not null
);
create index leak_messages_by_age on leak_messages (at);
