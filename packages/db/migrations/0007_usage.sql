-- Metering: balances change by one guarded statement with a ledger row; requests are counted in batches.
create table meter_balances (
  environment_id text collate "C" not null,
  meter text not null collate "C",
  period_start timestamptz not null,
  used bigint not null check (used >= 0),
  primary key (environment_id, meter, period_start)
);

create table meter_ledger (
  environment_id text collate "C" not null,
  meter text not null collate "C",
  reference text not null collate "C",
  amount bigint not null,
  at timestamptz not null,
  primary key (environment_id, meter, reference)
);
create index meter_ledger_by_time on meter_ledger (environment_id, meter, at);

create table usage_batches (
  id text collate "C" primary key,
  at timestamptz not null
);

create table usage_minutes (
  environment_id text collate "C" not null,
  minute timestamptz not null,
  key_id text collate "C" not null,
  operation text not null collate "C",
  outcome text not null collate "C",
  requests bigint not null,
  primary key (environment_id, minute, key_id, operation, outcome)
);

-- The stored answers of POST requests, kept 24 hours.
create table idempotency_keys (
  environment_id text collate "C" not null,
  operation text not null collate "C",
  idempotency_key text not null collate "C",
  request_hash bytea not null,
  status smallint,
  body text,
  created_at timestamptz not null,
  primary key (environment_id, operation, idempotency_key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);
