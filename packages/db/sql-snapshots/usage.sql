alter table "usage_attempts" attach partition "usage_attempts_<day>" for values from ('<day>') to ('<day>');

alter table "usage_minutes" attach partition "usage_minutes_<day>" for values from ('<day>') to ('<day>');

alter table "usage_requests" attach partition "usage_requests_<day>" for values from ('<day>') to ('<day>');

create table "usage_attempts_<day>" (like "usage_attempts" including all) with (fillfactor = 70);

create table "usage_minutes_<day>" (like "usage_minutes" including all) with (fillfactor = 70);

create table "usage_requests_<day>" (like "usage_requests" including all) with (fillfactor = 100);

insert into "usage_batches" ("id", "at") values ($1, $2) on conflict do nothing returning "id";

insert into usage_attempts as a (minute, source_ip, reason, claimed_key_id, attempts, last_at) select to_timestamp(minute / 1000), source_ip collate "C", reason collate "C", claimed_key_id collate "C", sum(attempts), to_timestamp(max(last_at) / 1000) from unnest( $1::float8[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::float8[] ) as u (minute, source_ip, reason, claimed_key_id, attempts, last_at) group by 1, 2, 3, 4 order by 1, 2, 3, 4 on conflict (minute, source_ip, reason, claimed_key_id) do update set attempts = a.attempts + excluded.attempts, last_at = greatest(a.last_at, excluded.last_at);

insert into usage_requests (at, duration_us, secret_version, status, request_id, environment_id, key_id, operation, outcome, ip, user_agent) select to_timestamp(at / 1000), duration_us, nullif(secret_version, 0::smallint), status, request_id, environment_id, key_id, operation, outcome, ip, user_agent from unnest( $1::float8[], $2::text[], $3::bigint[], $4::smallint[], $5::smallint[], $6::int[], $7::text[], $8::text[] ) as r (at, request_id, kind, secret_version, status, duration_us, ip, user_agent) join unnest( $9::text[], $10::text[], $11::text[], $12::text[] ) with ordinality as k (environment_id, key_id, operation, outcome, kind) using (kind) where at >= $13::float8 order by kind;

select "day" as at, "key_id" as name, sum(requests)::bigint as requests from "usage_days" where environment_id = $1 and "day" >= $2 and "day" < $3 and operation = $4 group by 1, 2 order by 1, 2;

select "day" as at, "outcome" as name, sum(requests)::bigint as requests from "usage_days" where environment_id = $1 and "day" >= $2 and "day" < $3 group by 1, 2 order by 1, 2;

select "hour" as at, "operation" as name, sum(requests)::bigint as requests from "usage_hours" where environment_id = $1 and "hour" >= $2 and "hour" < $3 and outcome = $4 group by 1, 2 order by 1, 2;

select "hour" as at, '' as name, sum(requests)::bigint as requests from "usage_hours" where environment_id = $1 and "hour" >= $2 and "hour" < $3 and key_id = $4 group by 1, 2 order by 1, 2;

select "minute" as at, '' as name, sum(requests)::bigint as requests from "usage_minutes" where environment_id = $1 and "minute" >= $2 and "minute" < $3 group by 1, 2 order by 1, 2;

select "request_days", "minute_days", "attempt_days" from "usage_retention";

select "source_ip", "reason", "claimed_key_id", sum("attempts") as "attempts", max("last_at") as "last_at" from "usage_attempts" where "minute" >= $1 and "minute" < $2 and "claimed_key_id" = $3 group by "source_ip", "reason", "claimed_key_id" order by "attempts" desc, "source_ip", "reason", "claimed_key_id" limit $4;

select "source_ip", "reason", "claimed_key_id", sum("attempts") as "attempts", max("last_at") as "last_at" from "usage_attempts" where "minute" >= $1 and "minute" < $2 and "source_ip" = $3 group by "source_ip", "reason", "claimed_key_id" order by "attempts" desc, "source_ip", "reason", "claimed_key_id" limit $4;

select "source_ip", "reason", "claimed_key_id", sum("attempts") as "attempts", max("last_at") as "last_at" from "usage_attempts" where "minute" >= $1 and "minute" < $2 group by "source_ip", "reason", "claimed_key_id" order by "attempts" desc, "source_ip", "reason", "claimed_key_id" limit $3;

select * from "usage_requests" where "environment_id" = $1 and "at" >= $2 and "at" < $3 and "at" <= $4 and (at, request_id) < ($5, $6) order by "at" desc, "request_id" desc limit $7;

select * from "usage_requests" where "environment_id" = $1 and "at" >= $2 and "at" < $3 and "key_id" = $4 and "status" = $5 order by "at" desc, "request_id" desc limit $6;

select * from "usage_requests" where "environment_id" = $1 and "at" >= $2 and "at" < $3 and "key_id" = $4 order by "at" desc, "request_id" desc limit $5;

select * from "usage_requests" where "environment_id" = $1 and "at" >= $2 and "at" < $3 and "outcome" = $4 order by "at" desc, "request_id" desc limit $5;

select * from "usage_requests" where "environment_id" = $1 and "at" >= $2 and "at" < $3 and "request_id" = $4 order by "at" desc, "request_id" desc limit $5;

select * from "usage_requests" where "environment_id" = $1 and "at" >= $2 and "at" < $3 and operation = any($4) order by "at" desc, "request_id" desc limit $5;

select * from "usage_requests" where "environment_id" = $1 and "at" >= $2 and "at" < $3 order by "at" desc, "request_id" desc limit $4;

select to_char(at at time zone 'UTC', 'YYYY-MM-DD') as day, sum(amount)::bigint as used from meter_ledger where environment_id = $1 and meter = $2 and at >= $3 and at < coalesce($4::timestamptz, 'infinity') group by 1 order by 1;

select to_char(at at time zone 'UTC', 'YYYY-MM-DD') as day, sum(requests)::bigint as used from ( select "day" as at, key_id, operation, outcome, requests from "usage_days" where environment_id = $1 and "day" >= $2 and "day" < $3 union all select "hour" as at, key_id, operation, outcome, requests from "usage_hours" where environment_id = $4 and "hour" >= $5 and "hour" < $6 union all select "hour" as at, key_id, operation, outcome, requests from "usage_hours" where environment_id = $7 and "hour" >= $8 and "hour" < $9 union all select "minute" as at, key_id, operation, outcome, requests from "usage_minutes" where environment_id = $10 and "minute" >= $11 and "minute" < $12 union all select "minute" as at, key_id, operation, outcome, requests from "usage_minutes" where environment_id = $13 and "minute" >= $14 and "minute" < $15) as counted where outcome <> all($16) group by 1 order by 1;

with counted as materialized ( select environment_id collate "C" as environment_id, at, date_trunc('hour', at, 'UTC') as hour, date_trunc('day', at, 'UTC') as day, key_id collate "C" as key_id, operation collate "C" as operation, outcome collate "C" as outcome, requests, dropped from unnest( $1::text[], $2::float8[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[] ) as u (environment_id, minute, key_id, operation, outcome, requests, dropped), to_timestamp(minute / 1000) as at order by 1, 2, 5, 6, 7 ), minutes as ( insert into usage_minutes as m (environment_id, minute, key_id, operation, outcome, requests, dropped) select environment_id, at, key_id, operation, outcome, sum(requests), sum(dropped) from counted where at >= to_timestamp($8::float8 / 1000) group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5 on conflict (environment_id, minute, key_id, operation, outcome) do update set requests = m.requests + excluded.requests, dropped = m.dropped + excluded.dropped ), hours as ( insert into usage_hours as h (environment_id, hour, key_id, operation, outcome, requests) select environment_id, hour, key_id, operation, outcome, sum(requests) from counted group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5 on conflict (environment_id, hour, key_id, operation, outcome) do update set requests = h.requests + excluded.requests ) insert into usage_days as d (environment_id, day, key_id, operation, outcome, requests) select environment_id, day, key_id, operation, outcome, sum(requests) from counted group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5 on conflict (environment_id, day, key_id, operation, outcome) do update set requests = d.requests + excluded.requests;

with full_at as ( select b.used from meter_balances b where b.environment_id = $1 and b.meter = $2 and b.period_start = $3 and b.used + $4::bigint > meter_limit($5, $6, $7::timestamptz) ), claimed as ( insert into meter_ledger (environment_id, meter, reference, amount, at) select $8, $9, $10, $11::bigint, $12::timestamptz where not exists (select from full_at) on conflict do nothing returning amount ), balance as ( insert into meter_balances as b (environment_id, meter, period_start, used) select $13, $14, $15::timestamptz, claimed.amount from claimed where claimed.amount <= coalesce(meter_limit($16, $17, $18::timestamptz), 9223372036854775807) on conflict (environment_id, meter, period_start) do update set used = b.used + excluded.used where b.used + excluded.used <= coalesce(meter_limit($19, $20, $21::timestamptz), 9223372036854775807) returning b.used ) select exists (select from claimed) as "isNew", (select used from balance) as used, case when not exists (select from balance) then meter_limit($22, $23, $24::timestamptz) end as "limit", (select used from full_at) as "fullAt", ( select amount from meter_ledger where environment_id = $25 and meter = $26 and reference = $27 ) as before;

with used as ( select distinct on (id, version) id, version, at, ip from unnest( $1::text[], $2::int[], $3::timestamptz[], $4::text[] ) as u (id, version, at, ip) where version is not null order by id, version, at desc ), due as ( select s.key_id, s.version, used.at, used.ip from key_secrets s join used on used.id = s.key_id and used.version = s.version where s.last_used_at is null or s.last_used_at < used.at order by s.key_id, s.version for no key update of s ) update key_secrets s set last_used_at = due.at, last_used_ip = due.ip from due where s.key_id = due.key_id and s.version = due.version and (s.last_used_at is null or s.last_used_at < due.at);

with used as (select distinct on (id) id, at, ip from unnest( $1::text[], $2::int[], $3::timestamptz[], $4::text[] ) as u (id, version, at, ip) order by id, at desc), due as ( select keys.id, used.at, used.ip from keys join used on used.id = keys.id where keys.last_used_at is null or keys.last_used_at < used.at order by keys.id for no key update of keys ) update keys set last_used_at = due.at, last_used_ip = due.ip, last_used_floor = case when due.at >= keys.last_used_floor + interval '24 hours' then due.at else least(keys.last_used_floor, due.at) end from due where keys.id = due.id and (keys.last_used_at is null or keys.last_used_at < due.at);
