-- A secret on its way to the owner of the key: sealed under what the link says and we do not keep. One opening takes it away.
create table secret_shares (
  id text collate "C" primary key,
  workspace_id text collate "C" not null references workspaces (id),
  key_id text collate "C" not null references keys (id),
  -- SHA-256 of a part of what the link says; finds the row and opens nothing
  lookup bytea not null unique,
  -- null: opened, taken back or expired
  sealed bytea,
  note text,
  created_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  opened_at timestamptz,
  opened_ip text,
  revoked_at timestamptz,
  constraint secret_shares_end_sealed check (sealed is null or (opened_at is null and revoked_at is null))
);
create index secret_shares_of_workspace on secret_shares (workspace_id, id);
create index secret_shares_of_key on secret_shares (key_id, id);
create index secret_shares_sealed on secret_shares (expires_at) where sealed is not null;
