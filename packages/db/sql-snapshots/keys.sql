
    with used as (select distinct on (id) id, at, ip from 
    unnest(
      $1::text[], $2::int[],
      $3::timestamptz[], $4::text[]
    ) as u (id, version, at, ip) order by id, at desc),
    due as (
      select keys.id, used.at, used.ip from keys join used on used.id = keys.id
      where keys.last_used_at is null or keys.last_used_at < used.at
      order by keys.id for no key update of keys
    )
    update keys set last_used_at = due.at, last_used_ip = due.ip, last_used_floor = case
      when due.at >= keys.last_used_floor + interval '24 hours' then due.at else least(keys.last_used_floor, due.at)
    end from due
    where keys.id = due.id and (keys.last_used_at is null or keys.last_used_at < due.at)
  ;

insert into "key_secrets" ("key_id", "version", "digest", "pepper_version", "lookup", "created_at") values ($1, $2, $3, $4, $5, $6);

insert into "keys" ("id", "name", "purpose", "mode", "workspace_id", "environment_id", "role_id", "grants", "owner", "stored_in", "scopes", "ip_allow", "rate_limits", "status", "expires_at", "created_by", "created_at", "updated_at", "last_used_floor") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) returning *;

insert into "keys" ("id", "name", "purpose", "mode", "workspace_id", "environment_id", "role_id", "owner", "stored_in", "scopes", "ip_allow", "rate_limits", "status", "expires_at", "created_by", "created_at", "updated_at", "last_used_floor") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) returning *, (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes";

select "status" from "keys" where "id" = $1;

select "version", "created_at", "retires_at", "silent_for_ms", "planned_cause", "last_used_at", "last_used_ip", "retired_at", "retired_cause", "evidence" from "key_secrets" where "key_id" = $1 order by "version" desc limit $2;

select "workspace_id" from "keys" where "id" = $1;

select * from "key_secrets" where "key_id" = $1;

select * from "keys" where "workspace_id" is null and "id" = $1;

select * from "keys" where "workspace_id" is null and "status" = $1 and 'rootKeys:write' = any(scopes) and ("expires_at" is null or "expires_at" > $2) order by "id" for update;

select * from "keys" where "workspace_id" is null order by "id" desc limit $1;

select *, (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes" from "keys" where "workspace_id" = $1 and "id" = $2;

update "key_secrets" set "digest" = $1, "pepper_version" = $2 where "key_id" = $3 and "version" = $4 and "pepper_version" = $5;

update "keys" set "exposed_at" = $1, "updated_at" = $2 where "id" = $3 and "exposed_at" is null;

update "keys" set "name" = $1, "status" = $2, "updated_at" = $3 where "id" = $4 and "workspace_id" = $5 and "status" <> $6 returning *, (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes";

update "keys" set "purpose" = $1, "scopes" = $2, "role_id" = $3, "ip_allow" = $4, "rate_limits" = $5, "expires_at" = $6, "end_set_at" = $7, "next_look_at" = $8, "updated_at" = $9 where "id" = $10 and "workspace_id" = $11 and "status" <> $12 returning *, (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes";

update "keys" set "status" = $1, "enabled_at" = $2, "next_look_at" = $3, "updated_at" = $4 where "id" = $5 and "workspace_id" = $6 and "status" <> $7 returning *, (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes";

update "keys" set "status" = $1, "revoked_at" = $2, "revoked_reason" = $3, "updated_at" = $4 where "id" = $5 and "status" <> $6 and "mode" = $7 returning *;

update "keys" set "status" = $1, "revoked_at" = $2, "revoked_reason" = $3, "updated_at" = $4 where "id" = $5 and "status" <> $6 and "workspace_id" = $7 returning *, (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes";

update "keys" set "status" = $1, "updated_at" = $2 where "id" = $3 and "workspace_id" = $4 and "status" <> $5 returning *, (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes";

with "looked" as materialized (select "id", true as "matches" from "keys" where "workspace_id" = $1 order by id collate "POSIX" desc limit $2), "page" as materialized (select "id" from "looked" where "matches" = $3 limit $4) select "keys".*, "stop"."looked_at_until", (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes" from (
      select case when (select count(*) from page) <= $5 then (select id from looked offset $6 limit 1) end as looked_at_until
    ) as "stop" left join "page" on true left join "keys" on "keys"."id" = "page"."id";
