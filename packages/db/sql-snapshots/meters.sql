delete from "meter_ledger" where "environment_id" = $1 and "meter" = $2 and "reference" = $3;

insert into "meter_balances" ("environment_id", "meter", "period_start", "used") values ($1, $2, $3, $4) on conflict do nothing;

select "amount" from "meter_ledger" where "environment_id" = $1;

select "amount" from "meter_ledger" where "environment_id" = $1 and "meter" = $2 and "reference" = $3;

select "used" from "meter_balances" where "environment_id" = $1 and "meter" = $2 and "period_start" = $3;

with full_at as ( select b.used from meter_balances b where b.environment_id = $1 and b.meter = $2 and b.period_start = $3 and b.used + $4::bigint > meter_limit($5, $6, $7::timestamptz) ), claimed as ( insert into meter_ledger (environment_id, meter, reference, amount, at) select $8, $9, $10, $11::bigint, $12::timestamptz where not exists (select from full_at) on conflict do nothing returning amount ), balance as ( insert into meter_balances as b (environment_id, meter, period_start, used) select $13, $14, $15::timestamptz, claimed.amount from claimed where claimed.amount <= coalesce(meter_limit($16, $17, $18::timestamptz), 9223372036854775807) on conflict (environment_id, meter, period_start) do update set used = b.used + excluded.used where b.used + excluded.used <= coalesce(meter_limit($19, $20, $21::timestamptz), 9223372036854775807) returning b.used ) select exists (select from claimed) as "isNew", (select used from balance) as used, case when not exists (select from balance) then meter_limit($22, $23, $24::timestamptz) end as "limit", (select used from full_at) as "fullAt", ( select amount from meter_ledger where environment_id = $25 and meter = $26 and reference = $27 ) as before;

with given as ( insert into meter_ledger (environment_id, meter, reference, amount, at) values ($1, $2, $3, $4, $5) on conflict do nothing returning amount ) update meter_balances set used = used + given.amount from given where environment_id = $6 and meter = $7 and period_start = $8;

with locked as ( select used from meter_balances where environment_id = $1 and meter = $2 and period_start = $3 for update ) select used, meter_limit($4, $5, $6::timestamptz) as "limit" from locked;
