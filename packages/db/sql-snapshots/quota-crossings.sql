
    with running as (
      select e.workspace_id, b.meter, b.used, bound.quota, bound.is_soft,
        to_char(case when b.period_start = 'epoch' then $1::timestamptz else b.period_start end at time zone 'UTC', 'YYYY-MM') as month
      from quotas q
      join environments e on e.id = q.environment_id
      join meter_balances b on b.environment_id = q.environment_id and b.meter = q.meter
        and b.period_start = any($2::timestamptz[])
      cross join lateral (values (q.amount, false), (q.soft_amount, true)) as bound (quota, is_soft)
      where b.used > 0 and b.used * 2 >= bound.quota
    )
    select workspace_id as "workspaceId", meter, month, percent, used, quota, is_soft as "isSoft"
    from running cross join unnest($3::integer[]) as percent
    where used::numeric * 100 >= quota::numeric * percent and not exists (
      select from alerts a
      where a.workspace_id = running.workspace_id and a.kind = 'quota.threshold' and a.subject = running.meter
        and a.occasion = month || ':' || percent || ':' || quota
    )
    order by workspace_id, meter, month, quota, percent
    limit $4
  ;
