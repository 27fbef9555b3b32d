-- Usage for people to look at: every request as it was, and its counts by minute, hour and day. Requests, minutes and
-- attempts are kept in one partition per day (UTC), made ahead and dropped by age by src/usage-partitions.ts.
create table usage_requests (
  at timestamptz not null,
  duration_us integer not null,
  secret_version smallint,
  status smallint not null,
  request_id text not null collate "C",
  environment_id text not null collate "C",
  key_id text not null collate "C",
  operation text not null collate "C",
  outcome text not null collate "C",
  ip text collate "C",
  user_agent text collate "C"
) partition by range (at);
-- The only one, for each costs as much as the row itself. Every search is one of an environment within a time, newest
-- first; one for a request's id has its time from the id. Batches count once, so nothing here needs to be unique.
create index usage_requests_of_environment on usage_requests (environment_id, at);

alter table usage_minutes rename to usage_minutes_before;
alter index usage_minutes_pkey rename to usage_minutes_before_pkey;

create table usage_minutes (
  environment_id text collate "C" not null,
  minute timestamptz not null,
  key_id text collate "C" not null,
  operation text not null collate "C",
  outcome text not null collate "C",
  requests bigint not null,
  -- so many of them are not in usage_requests, because the process that served them had no room
  dropped bigint not null default 0,
  primary key (environment_id, minute, key_id, operation, outcome)
) partition by range (minute);

do $$
declare day date;
begin
  for day in select distinct (minute at time zone 'UTC')::date from usage_minutes_before loop
    execute format(
      'create table %I partition of usage_minutes for values from (%L) to (%L) with (fillfactor = 70)',
      'usage_minutes_' || to_char(day, 'YYYYMMDD'),
      day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC'
    );
  end loop;
end $$;

insert into usage_minutes (environment_id, minute, key_id, operation, outcome, requests)
select environment_id, minute, key_id, operation, outcome, requests from usage_minutes_before;
drop table usage_minutes_before;

-- rows of the running hour and day change every second, in place as long as the page has room
create table usage_hours (
  environment_id text collate "C" not null,
  hour timestamptz not null,
  key_id text collate "C" not null,
  operation text not null collate "C",
  outcome text not null collate "C",
  requests bigint not null,
  primary key (environment_id, hour, key_id, operation, outcome)
) with (fillfactor = 70);

create table usage_days (
  environment_id text collate "C" not null,
  day timestamptz not null,
  key_id text collate "C" not null,
  operation text not null collate "C",
  outcome text not null collate "C",
  requests bigint not null,
  primary key (environment_id, day, key_id, operation, outcome)
) with (fillfactor = 70);

insert into usage_hours
select environment_id, date_trunc('hour', minute, 'UTC'), key_id, operation, outcome, sum(requests)
from usage_minutes group by 1, 2, 3, 4, 5;
insert into usage_days
select environment_id, date_trunc('day', hour, 'UTC'), key_id, operation, outcome, sum(requests)
from usage_hours group by 1, 2, 3, 4, 5;

-- Requests that proved no key. What a sender can make up is bounded: `other` stands for the sources and claims beyond.
create table usage_attempts (
  minute timestamptz not null,
  source_ip text not null collate "C",
  reason text not null collate "C",
  -- '' when no well-formed key was claimed
  claimed_key_id text not null collate "C",
  attempts bigint not null,
  last_at timestamptz not null,
  primary key (minute, source_ip, reason, claimed_key_id)
) partition by range (minute);
create index usage_attempts_on_key on usage_attempts (claimed_key_id, minute) where claimed_key_id <> '';

-- Moved forward every few seconds and not indexed: with room in the page an update touches no index.
alter table keys add column last_used_ip text;
alter table keys set (fillfactor = 85);
alter table key_secrets add column last_used_at timestamptz, add column last_used_ip text;
alter table key_secrets set (fillfactor = 85);
