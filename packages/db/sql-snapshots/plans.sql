
    insert into meter_balances as b (environment_id, meter, period_start, used)
    select e.id, bounded.meter, case bounded.meter when 'contacts.stored' then $1::timestamptz else $2 end, 0
    from environments e join workspaces w on w.id = e.workspace_id
    cross join lateral (
      select meter collate "C" from unnest($3::text[]) as named (meter)
      union select meter from quotas where environment_id = e.id
      union select meter from spend_limits where environment_id = e.id
      union select jsonb_object_keys(quotas || soft_quotas) collate "C" from plans where id = w.plan_id
    ) as bounded
    where e.workspace_id = any($4::text[]) and e.mode = 'live'
    order by 1, 2
    on conflict (environment_id, meter, period_start) do update set used = b.used
  ;


    with live as (
      select id from environments where workspace_id = $1 and mode = 'live'
    ), given as (
      select key as meter, value::bigint as amount from jsonb_each_text($2::jsonb)
    ), gone as (
      delete from quotas using live
      where quotas.environment_id = live.id and quotas.origin = 'own'
        and not exists (select from given where given.meter = quotas.meter)
    )
    insert into quotas (environment_id, meter, amount, origin)
    select live.id, given.meter, given.amount, 'own' from live, given
    on conflict (environment_id, meter) do update set amount = excluded.amount, soft_amount = null, origin = excluded.origin
  ;


    with settled as (
      select environments.id, workspaces.plan_id
      from workspaces join environments on environments.workspace_id = workspaces.id and environments.mode = 'live'
      where workspaces.id = any($1::text[])
    ), planned as (
      select settled.id as environment_id, bound.meter,
        (plans.quotas ->> bound.meter)::bigint as amount, (plans.soft_quotas ->> bound.meter)::bigint as soft_amount
      from settled join plans on plans.id = settled.plan_id
      cross join jsonb_object_keys(plans.quotas || plans.soft_quotas) as bound (meter)
    ), gone as (
      delete from quotas using settled
      where quotas.environment_id = settled.id and quotas.origin = 'plan'
        and not exists (
          select from planned where planned.environment_id = quotas.environment_id and planned.meter = quotas.meter
        )
    )
    insert into quotas (environment_id, meter, amount, soft_amount, origin)
    select environment_id, meter, amount, soft_amount, 'plan' from planned
    on conflict (environment_id, meter) do update set amount = excluded.amount, soft_amount = excluded.soft_amount
    where quotas.origin = 'plan'
  ;

insert into "plan_spans" ("workspace_id", "from_at", "plan_id") values ($1, $2, $3) on conflict ("workspace_id", "from_at") do update set "plan_id" = $4;

insert into "plan_terms" ("plan_id", "from_at", "price", "currency", "included", "overage") values ($1, $2, $3, $4, $5, $6) on conflict ("plan_id", "from_at") do update set "price" = $7, "currency" = $8, "included" = $9, "overage" = $10;

insert into "plans" ("id", "name", "price", "currency", "rate_limits", "quotas", "soft_quotas", "included", "overage", "features", "created_at", "updated_at") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict ("name") do nothing returning *;

insert into "quotas" ("environment_id", "meter", "amount") values ($1, $2, $3);

select "id" from "workspaces" where "plan_id" = $1 order by "id" for no key update;

select "quotas"."meter", "quotas"."amount", "quotas"."soft_amount", "quotas"."origin" from "quotas" inner join "environments" on "environments"."id" = "quotas"."environment_id" where "environments"."workspace_id" = $1 and "environments"."mode" = $2 order by "quotas"."meter";

select * from "plans" order by "id" desc limit $1;

select * from "plans" where "id" < $1 order by "id" desc limit $2;

select * from "plans" where "id" = $1 for update;

select * from "plans" where "name" = $1;

update "plans" set "name" = $1, "updated_at" = $2 where "id" = $3 returning *;

update "plans" set "quotas" = $1, "updated_at" = $2 where "id" = $3 returning *;

update "workspaces" set "plan_id" = $1, "next_plan_id" = $2, "next_plan_at" = $3, "updated_at" = $4 where "id" = $5;
