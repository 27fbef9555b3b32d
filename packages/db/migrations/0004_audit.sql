-- Who changed what: one chain of hashes per workspace ('' for the installation itself).
create table audit_events (
  workspace_id text collate "C" not null,
  sequence bigint not null,
  id text collate "C" not null,
  at timestamptz not null,
  actor text not null,
  action text not null,
  target text not null,
  before jsonb,
  after jsonb,
  ip text,
  request_id text,
  revision bigint not null,
  previous_hash bytea not null,
  hash bytea not null,
  primary key (workspace_id, sequence)
);
