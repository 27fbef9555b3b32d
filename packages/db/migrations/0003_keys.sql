-- API keys and root keys: the identity with its policy, and its secret versions. Nothing is ever deleted.
create table keys (
  id text collate "C" primary key,
  mode text not null check (mode in ('live', 'test', 'root')),
  workspace_id text collate "C" references workspaces (id),
  environment_id text collate "C" references environments (id),
  name text not null,
  purpose text,
  scopes text[] not null,
  ip_allow text[] not null default '{}',
  rate_limits jsonb not null default '[]',
  status text not null check (status in ('active', 'disabled', 'revoked')),
  revoked_reason text,
  revoked_at timestamptz,
  expires_at timestamptz,
  exposed_at timestamptz,
  created_by text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  last_used_at timestamptz,
  check ((mode = 'root') = (environment_id is null)),
  check ((environment_id is null) = (workspace_id is null))
);
create index keys_of_workspace on keys (workspace_id, id);

create table key_secrets (
  key_id text collate "C" not null references keys (id),
  version integer not null check (version >= 1),
  digest bytea not null,
  pepper_version text not null collate "C",
  created_at timestamptz not null,
  retires_at timestamptz,
  primary key (key_id, version)
);
