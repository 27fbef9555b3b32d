insert into "usage_batches" ("id", "at") values ($1, $2) on conflict do nothing returning "id";

insert into usage_minutes as m (environment_id, minute, key_id, operation, outcome, requests) select environment_id, minute, key_id, operation, outcome, sum(requests) from json_to_recordset($1::json) as x( environment_id text, minute timestamptz, key_id text, operation text, outcome text, requests bigint ) group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5 on conflict (environment_id, minute, key_id, operation, outcome) do update set requests = m.requests + excluded.requests;

select "last_used_at" from "keys" where "id" = $1;

select "meter", "amount" from "quotas" where "environment_id" = $1;

select to_char(at at time zone 'UTC', 'YYYY-MM-DD') as day, sum(amount)::bigint as used from meter_ledger where environment_id = $1 and meter = $2 and at >= $3 and at < coalesce($4::timestamptz, 'infinity') group by 1 order by 1;

select to_char(minute at time zone 'UTC', 'YYYY-MM-DD') as day, sum(requests)::bigint as used from usage_minutes where environment_id = $1 and minute >= $2 and minute < $3 and outcome <> all($4) group by 1 order by 1;

with quota as ( select amount from quotas where environment_id = $1 and meter = $2 ), full_at as ( select b.used from meter_balances b, quota where b.environment_id = $3 and b.meter = $4 and b.period_start = $5 and b.used + $6::bigint > quota.amount ), claimed as ( insert into meter_ledger (environment_id, meter, reference, amount, at) select $7, $8, $9, $10::bigint, $11::timestamptz where not exists (select from full_at) on conflict do nothing returning amount ), balance as ( insert into meter_balances as b (environment_id, meter, period_start, used) select $12, $13, $14::timestamptz, claimed.amount from claimed where claimed.amount <= coalesce((select amount from quota), 9223372036854775807) on conflict (environment_id, meter, period_start) do update set used = b.used + excluded.used where b.used + excluded.used <= coalesce((select amount from quota), 9223372036854775807) returning b.used ) select exists (select from claimed) as "isNew", (select used from balance) as used, (select amount from quota) as "limit", (select used from full_at) as "fullAt", ( select amount from meter_ledger where environment_id = $15 and meter = $16 and reference = $17 ) as before;

with used as (select id, max(at) as at from unnest($1::text[], $2::timestamptz[]) as u (id, at) group by id), due as ( select keys.id, used.at from keys join used on used.id = keys.id where keys.last_used_at is null or keys.last_used_at < used.at order by keys.id for update of keys ) update keys set last_used_at = due.at from due where keys.id = due.id and (keys.last_used_at is null or keys.last_used_at < due.at);
