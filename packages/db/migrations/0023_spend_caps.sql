-- What may be owed for use beyond the plans' prices in a calendar month (UTC), in minor units of a currency; null: any amount.
alter table workspaces
  add column spend_cap bigint,
  add column spend_currency text,
  -- The end of the month for which its spend limits were made; null: they are to be made anew.
  add column spend_until timestamptz,
  add constraint workspaces_spend_cap check ((spend_cap is null) = (spend_currency is null) and spend_cap >= 0);
create index workspaces_capped on workspaces (id) where spend_cap is not null;

-- How much of a meter that costs may be used, so that all meters together cost no more than the cap.
create table spend_limits (
  environment_id text collate "C" not null references environments (id),
  meter text collate "C" not null,
  -- until then; null: any amount
  amount bigint,
  until timestamptz not null,
  -- from then on, while nobody has made them anew
  later_amount bigint,
  -- what was used when they were made
  used bigint not null,
  primary key (environment_id, meter)
);

-- How much of a meter an environment may use at a time; null: there is no limit. It is volatile, and so sees what was
-- committed until this moment, also within a statement that began before and has waited for the row of a balance.
create function meter_limit(environment text, of_meter text, at timestamptz) returns bigint language plpgsql volatile as $$
begin
  return least(
    (select amount from quotas where environment_id = environment and meter = of_meter),
    (select case when at < until then amount else later_amount end from spend_limits where environment_id = environment and meter = of_meter)
  );
end $$;
drop function meter_limit(text, text);
