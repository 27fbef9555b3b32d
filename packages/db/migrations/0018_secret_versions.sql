-- A key has many secret versions: when each of them ends, and how its end came about. The newest has no planned end.
alter table key_secrets
  -- it ends when nobody has used it for so long, and at retires_at in any case
  add column silent_for_ms bigint check (silent_for_ms > 0),
  -- what the end at retires_at will be
  add column planned_cause text collate "C" check (planned_cause in ('overlap_ended', 'at_most_reached')),
  add column retired_at timestamptz,
  add column retired_cause text collate "C" check (retired_cause in ('overlap_ended', 'at_most_reached', 'silent', 'retired_by_call')),
  add column evidence jsonb,
  -- a remote verifier may hold a proof of it since then, and was told to drop that then
  add column proven_remotely_at timestamptz,
  add column recalled_at timestamptz,
  add check (silent_for_ms is null or retires_at is not null),
  add check (num_nulls(retired_at, retired_cause, evidence) in (0, 3));
create index key_secrets_to_retire on key_secrets (retires_at) where retires_at is not null and retired_at is null;
create index key_secrets_until_silent on key_secrets (key_id, version) where silent_for_ms is not null and retired_at is null;

-- Everything that a node was asked before then is saved, the last uses included; null until it has said so.
alter table nodes add column usage_saved_through timestamptz;

-- Until when uses may have been lost with a node that went without saving them.
create table usage_loss (
  is_only boolean primary key default true check (is_only),
  until timestamptz not null
);
