
    update keys set next_look_at = l.at
    from unnest(
      $1::text[], $2::timestamptz[]
    ) as l (id, at)
    where keys.id = l.id
  ;


    with next as materialized (select id from keys where status = 'active' and workspace_id = $1 and id collate "POSIX" > $2 order by id collate "POSIX" limit $3 for no key update),
    told as (update keys set next_look_at = 'epoch' from next where keys.id = next.id)
    select case when count(*) = $4 then max(id) end as through from next
  ;


    with next as materialized (select id from keys where status = 'active' and workspace_id is not null and id > $1 order by id limit $2 for no key update),
    told as (update keys set next_look_at = 'epoch' from next where keys.id = next.id)
    select case when count(*) = $3 then max(id) end as through from next
  ;

select "id", "workspace_id", "name", "expires_at", "end_set_at", "created_at", "enabled_at", "last_used_at" from "keys" where status = 'active' and workspace_id is not null and next_look_at is not null and "next_look_at" <= $1 order by "next_look_at" limit $2 for no key update skip locked;

select "workspace_id", "told_through" from "policies" where "told_through" is not null order by "workspace_id" limit $1 for update skip locked;

update "policies" set "rules" = $1, "updated_at" = $2, "told_through" = $3 where "workspace_id" = $4;

update "policies" set "told_through" = $1 where "workspace_id" = $2;
