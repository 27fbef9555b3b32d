-- Short-lived stand-ins for a key, each with a part of its scopes. Gone soon after they expire.
create table access_tokens (
  id text collate "C" primary key,
  key_id text collate "C" not null references keys (id),
  -- of the key, that was exchanged: the token ends with it
  secret_version integer not null,
  digest bytea not null,
  pepper_version text not null,
  scopes text[] not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index access_tokens_of_key on access_tokens (key_id, id);
create index access_tokens_by_end on access_tokens (expires_at);
