select count(*) as "count" from "keys" where "workspace_id" = $1 and "created_by" = $2 and true;

select count(*) as "count" from "keys" where "workspace_id" = $1 and "last_used_floor" < $2 and (coalesce(last_used_at, created_at) < $3);

select count(*) as "count" from "keys" where "workspace_id" = $1 and "mode" = $2 and true;

select count(*) as "count" from "keys" where "workspace_id" = $1 and "owner" = $2 and true;

select count(*) as "count" from "keys" where "workspace_id" = $1 and "status" = $2 and "mode" = $3 and "owner" = $4 and true;

select count(*) as "count" from "keys" where "workspace_id" = $1 and "status" = $2 and coalesce(expires_at, 'infinity') <= $3 and true;

select count(*) as "count" from "keys" where "workspace_id" = $1 and "status" = $2 and coalesce(expires_at, 'infinity') > $3 and "mode" = $4 and coalesce(expires_at, 'infinity') < $5 and "last_used_floor" < $6 and "owner" = $7 and "created_by" = $8 and ((scopes @> array[$9]::text[] or role_id in (
    select roles.id from roles where roles.workspace_id = $10 and roles.scopes @> array[$11]::text[]
    union all select roles.id from roles where roles.workspace_id is null and roles.scopes @> array[$12]::text[]
  )) and coalesce(last_used_at, created_at) < $13);

select count(*) as "count" from "keys" where "workspace_id" = $1 and "status" = $2 and coalesce(expires_at, 'infinity') > $3 and true;

select count(*) as "count" from "keys" where "workspace_id" = $1 and "status" = $2 and true;

select count(*) as "count" from "keys" where "workspace_id" = $1 and ((scopes @> array[$2]::text[] or role_id in (
    select roles.id from roles where roles.workspace_id = $3 and roles.scopes @> array[$4]::text[]
    union all select roles.id from roles where roles.workspace_id is null and roles.scopes @> array[$5]::text[]
  )));

select count(*) as "count" from "keys" where "workspace_id" = $1 and coalesce(expires_at, 'infinity') < $2 and true;

select count(*) as "count" from "keys" where "workspace_id" = $1 and true;

with "looked" as materialized (select "id", ((scopes @> array[$1]::text[] or role_id in (
    select roles.id from roles where roles.workspace_id = $2 and roles.scopes @> array[$3]::text[]
    union all select roles.id from roles where roles.workspace_id is null and roles.scopes @> array[$4]::text[]
  )) and coalesce(last_used_at, created_at) < $5) as "matches" from "keys" where "workspace_id" = $6 and "status" = $7 and coalesce(expires_at, 'infinity') > $8 and "mode" = $9 and coalesce(expires_at, 'infinity') < $10 and "last_used_floor" < $11 and "owner" = $12 and "created_by" = $13 order by id collate "POSIX" desc limit $14), "page" as materialized (select "id" from "looked" where "matches" = $15 limit $16) select "keys".*, "stop"."looked_at_until", (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes" from (
      select case when (select count(*) from page) <= $17 then (select id from looked offset $18 limit 1) end as looked_at_until
    ) as "stop" left join "page" on true left join "keys" on "keys"."id" = "page"."id";

with "looked" as materialized (select "id", ((scopes @> array[$1]::text[] or role_id in (
    select roles.id from roles where roles.workspace_id = $2 and roles.scopes @> array[$3]::text[]
    union all select roles.id from roles where roles.workspace_id is null and roles.scopes @> array[$4]::text[]
  ))) as "matches" from "keys" where "workspace_id" = $5 and id collate "POSIX" < $6 order by id collate "POSIX" desc limit $7), "page" as materialized (select "id" from "looked" where "matches" = $8 limit $9) select "keys".*, "stop"."looked_at_until", (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes" from (
      select case when (select count(*) from page) <= $10 then (select id from looked offset $11 limit 1) end as looked_at_until
    ) as "stop" left join "page" on true left join "keys" on "keys"."id" = "page"."id";

with "looked" as materialized (select "id", ((scopes @> array[$1]::text[] or role_id in (
    select roles.id from roles where roles.workspace_id = $2 and roles.scopes @> array[$3]::text[]
    union all select roles.id from roles where roles.workspace_id is null and roles.scopes @> array[$4]::text[]
  ))) as "matches" from "keys" where "workspace_id" = $5 order by id collate "POSIX" desc limit $6), "page" as materialized (select "id" from "looked" where "matches" = $7 limit $8) select "keys".*, "stop"."looked_at_until", (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes" from (
      select case when (select count(*) from page) <= $9 then (select id from looked offset $10 limit 1) end as looked_at_until
    ) as "stop" left join "page" on true left join "keys" on "keys"."id" = "page"."id";

with "looked" as materialized (select "id", (coalesce(last_used_at, created_at) < $1) as "matches" from "keys" where "workspace_id" = $2 and "last_used_floor" < $3 and id collate "POSIX" < $4 order by id collate "POSIX" desc limit $5), "page" as materialized (select "id" from "looked" where "matches" = $6 limit $7) select "keys".*, "stop"."looked_at_until", (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes" from (
      select case when (select count(*) from page) <= $8 then (select id from looked offset $9 limit 1) end as looked_at_until
    ) as "stop" left join "page" on true left join "keys" on "keys"."id" = "page"."id";

with "looked" as materialized (select "id", (coalesce(last_used_at, created_at) < $1) as "matches" from "keys" where "workspace_id" = $2 and "last_used_floor" < $3 order by id collate "POSIX" desc limit $4), "page" as materialized (select "id" from "looked" where "matches" = $5 limit $6) select "keys".*, "stop"."looked_at_until", (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes" from (
      select case when (select count(*) from page) <= $7 then (select id from looked offset $8 limit 1) end as looked_at_until
    ) as "stop" left join "page" on true left join "keys" on "keys"."id" = "page"."id";

with "looked" as materialized (select "id", true as "matches" from "keys" where "workspace_id" = $1 and "created_by" = $2 and id collate "POSIX" < $3 order by id collate "POSIX" desc limit $4), "page" as materialized (select "id" from "looked" where "matches" = $5 limit $6) select "keys".*, "stop"."looked_at_until", (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes" from (
      select case when (select count(*) from page) <= $7 then (select id from looked offset $8 limit 1) end as looked_at_until
    ) as "stop" left join "page" on true left join "keys" on "keys"."id" = "page"."id";

with "looked" as materialized (select "id", true as "matches" from "keys" where "workspace_id" = $1 and "created_by" = $2 order by id collate "POSIX" desc limit $3), "page" as materialized (select "id" from "looked" where "matches" = $4 limit $5) select "keys".*, "stop"."looked_at_until", (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes" from (
      select case when (select count(*) from page) <= $6 then (select id from looked offset $7 limit 1) end as looked_at_until
    ) as "stop" left join "page" on true left join "keys" on "keys"."id" = "page"."id";

with "looked" as materialized (select "id", true as "matches" from "keys" where "workspace_id" = $1 and "mode" = $2 and id collate "POSIX" < $3 order by id collate "POSIX" desc limit $4), "page" as materialized (select "id" from "looked" where "matches" = $5 limit $6) select "keys".*, "stop"."looked_at_until", (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes" from (
      select case when (select count(*) from page) <= $7 then (select id from looked offset $8 limit 1) end as looked_at_until
    ) as "stop" left join "page" on true left join "keys" on "keys"."id" = "page"."id";

with "looked" as materialized (select "id", true as "matches" from "keys" where "workspace_id" = $1 and "mode" = $2 order by id collate "POSIX" desc limit $3), "page" as materialized (select "id" from "looked" where "matches" = $4 limit $5) select "keys".*, "stop"."looked_at_until", (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes" from (
      select case when (select count(*) from page) <= $6 then (select id from looked offset $7 limit 1) end as looked_at_until
    ) as "stop" left join "page" on true left join "keys" on "keys"."id" = "page"."id";

with "looked" as materialized (select "id", true as "matches" from "keys" where "workspace_id" = $1 and "owner" = $2 and id collate "POSIX" < $3 order by id collate "POSIX" desc limit $4), "page" as materialized (select "id" from "looked" where "matches" = $5 limit $6) select "keys".*, "stop"."looked_at_until", (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes" from (
      select case when (select count(*) from page) <= $7 then (select id from looked offset $8 limit 1) end as looked_at_until
    ) as "stop" left join "page" on true left join "keys" on "keys"."id" = "page"."id";

with "looked" as materialized (select "id", true as "matches" from "keys" where "workspace_id" = $1 and "owner" = $2 order by id collate "POSIX" desc limit $3), "page" as materialized (select "id" from "looked" where "matches" = $4 limit $5) select "keys".*, "stop"."looked_at_until", (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes" from (
      select case when (select count(*) from page) <= $6 then (select id from looked offset $7 limit 1) end as looked_at_until
    ) as "stop" left join "page" on true left join "keys" on "keys"."id" = "page"."id";

with "looked" as materialized (select "id", true as "matches" from "keys" where "workspace_id" = $1 and "status" = $2 and "mode" = $3 and "owner" = $4 order by id collate "POSIX" desc limit $5), "page" as materialized (select "id" from "looked" where "matches" = $6 limit $7) select "keys".*, "stop"."looked_at_until", (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes" from (
      select case when (select count(*) from page) <= $8 then (select id from looked offset $9 limit 1) end as looked_at_until
    ) as "stop" left join "page" on true left join "keys" on "keys"."id" = "page"."id";

with "looked" as materialized (select "id", true as "matches" from "keys" where "workspace_id" = $1 and "status" = $2 and coalesce(expires_at, 'infinity') <= $3 and id collate "POSIX" < $4 order by id collate "POSIX" desc limit $5), "page" as materialized (select "id" from "looked" where "matches" = $6 limit $7) select "keys".*, "stop"."looked_at_until", (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes" from (
      select case when (select count(*) from page) <= $8 then (select id from looked offset $9 limit 1) end as looked_at_until
    ) as "stop" left join "page" on true left join "keys" on "keys"."id" = "page"."id";

with "looked" as materialized (select "id", true as "matches" from "keys" where "workspace_id" = $1 and "status" = $2 and coalesce(expires_at, 'infinity') <= $3 order by id collate "POSIX" desc limit $4), "page" as materialized (select "id" from "looked" where "matches" = $5 limit $6) select "keys".*, "stop"."looked_at_until", (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes" from (
      select case when (select count(*) from page) <= $7 then (select id from looked offset $8 limit 1) end as looked_at_until
    ) as "stop" left join "page" on true left join "keys" on "keys"."id" = "page"."id";

with "looked" as materialized (select "id", true as "matches" from "keys" where "workspace_id" = $1 and "status" = $2 and coalesce(expires_at, 'infinity') > $3 and id collate "POSIX" < $4 order by id collate "POSIX" desc limit $5), "page" as materialized (select "id" from "looked" where "matches" = $6 limit $7) select "keys".*, "stop"."looked_at_until", (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes" from (
      select case when (select count(*) from page) <= $8 then (select id from looked offset $9 limit 1) end as looked_at_until
    ) as "stop" left join "page" on true left join "keys" on "keys"."id" = "page"."id";

with "looked" as materialized (select "id", true as "matches" from "keys" where "workspace_id" = $1 and "status" = $2 and coalesce(expires_at, 'infinity') > $3 order by id collate "POSIX" desc limit $4), "page" as materialized (select "id" from "looked" where "matches" = $5 limit $6) select "keys".*, "stop"."looked_at_until", (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes" from (
      select case when (select count(*) from page) <= $7 then (select id from looked offset $8 limit 1) end as looked_at_until
    ) as "stop" left join "page" on true left join "keys" on "keys"."id" = "page"."id";

with "looked" as materialized (select "id", true as "matches" from "keys" where "workspace_id" = $1 and "status" = $2 and id collate "POSIX" < $3 order by id collate "POSIX" desc limit $4), "page" as materialized (select "id" from "looked" where "matches" = $5 limit $6) select "keys".*, "stop"."looked_at_until", (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes" from (
      select case when (select count(*) from page) <= $7 then (select id from looked offset $8 limit 1) end as looked_at_until
    ) as "stop" left join "page" on true left join "keys" on "keys"."id" = "page"."id";

with "looked" as materialized (select "id", true as "matches" from "keys" where "workspace_id" = $1 and "status" = $2 order by id collate "POSIX" desc limit $3), "page" as materialized (select "id" from "looked" where "matches" = $4 limit $5) select "keys".*, "stop"."looked_at_until", (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes" from (
      select case when (select count(*) from page) <= $6 then (select id from looked offset $7 limit 1) end as looked_at_until
    ) as "stop" left join "page" on true left join "keys" on "keys"."id" = "page"."id";

with "looked" as materialized (select "id", true as "matches" from "keys" where "workspace_id" = $1 and coalesce(expires_at, 'infinity') < $2 and id collate "POSIX" < $3 order by id collate "POSIX" desc limit $4), "page" as materialized (select "id" from "looked" where "matches" = $5 limit $6) select "keys".*, "stop"."looked_at_until", (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes" from (
      select case when (select count(*) from page) <= $7 then (select id from looked offset $8 limit 1) end as looked_at_until
    ) as "stop" left join "page" on true left join "keys" on "keys"."id" = "page"."id";

with "looked" as materialized (select "id", true as "matches" from "keys" where "workspace_id" = $1 and coalesce(expires_at, 'infinity') < $2 order by id collate "POSIX" desc limit $3), "page" as materialized (select "id" from "looked" where "matches" = $4 limit $5) select "keys".*, "stop"."looked_at_until", (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes" from (
      select case when (select count(*) from page) <= $6 then (select id from looked offset $7 limit 1) end as looked_at_until
    ) as "stop" left join "page" on true left join "keys" on "keys"."id" = "page"."id";

with "looked" as materialized (select "id", true as "matches" from "keys" where "workspace_id" = $1 and id collate "POSIX" < $2 order by id collate "POSIX" desc limit $3), "page" as materialized (select "id" from "looked" where "matches" = $4 limit $5) select "keys".*, "stop"."looked_at_until", (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes" from (
      select case when (select count(*) from page) <= $6 then (select id from looked offset $7 limit 1) end as looked_at_until
    ) as "stop" left join "page" on true left join "keys" on "keys"."id" = "page"."id";

with "looked" as materialized (select "id", true as "matches" from "keys" where "workspace_id" = $1 order by id collate "POSIX" desc limit $2), "page" as materialized (select "id" from "looked" where "matches" = $3 limit $4) select "keys".*, "stop"."looked_at_until", (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes" from (
      select case when (select count(*) from page) <= $5 then (select id from looked offset $6 limit 1) end as looked_at_until
    ) as "stop" left join "page" on true left join "keys" on "keys"."id" = "page"."id";
