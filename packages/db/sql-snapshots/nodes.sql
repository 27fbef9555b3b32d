
    select case when bool_and(usage_saved_through is not null) then least(min(usage_saved_through), $1::timestamptz) end as through,
      (select until from usage_loss) as "lostUntil"
    from nodes
  ;


    select roles, now() - seen_at < '10 s' as is_seen, now() - started_at > '59 min' as is_old from nodes;


    with gone as (delete from nodes where id = $1 returning usage_saved_through),
    lost as (
      insert into usage_loss (until)
      select clock_timestamp() where exists (select from gone where usage_saved_through is distinct from 'infinity')
      on conflict (is_only) do update set until = greatest(usage_loss.until, excluded.until)
    )
    select count(*)::int as gone from gone
  ;


    with gone as (delete from nodes where seen_at < clock_timestamp() - $1 * interval '1 millisecond' returning usage_saved_through),
    lost as (
      insert into usage_loss (until)
      select clock_timestamp() where exists (select from gone where usage_saved_through is distinct from 'infinity')
      on conflict (is_only) do update set until = greatest(usage_loss.until, excluded.until)
    )
    select count(*)::int as gone from gone
  ;

insert into "nodes" ("id", "roles", "started_at", "seen_at") values ($1, $2, clock_timestamp(), clock_timestamp()) on conflict ("id") do update set "roles" = $3, "seen_at" = clock_timestamp();

select count(*) as "live" from "nodes" where "seen_at" >= clock_timestamp() - $1 * interval '1 millisecond';

truncate nodes;

update "nodes" set "usage_saved_through" = $1 where "id" = $2;

update "nodes" set "usage_saved_through" = 'infinity' where "id" = $1;

update nodes set seen_at = clock_timestamp() - $1 * interval '1 second' where id = $2;

update nodes set started_at = started_at - interval '1 hour';
