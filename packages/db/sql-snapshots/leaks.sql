delete from "leak_messages" where "at" < $1;

insert into "leak_messages" ("digest", "at") values ($1, $2) on conflict do nothing;

insert into "leaks" ("id", "workspace_id", "key_id", "secret_version", "source", "kind", "url", "reporter_ip", "response", "found_at") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning *;

select "at" from "leak_messages" where "digest" = $1;

select "id" from "leaks" where "workspace_id" is not distinct from $1 and "key_id" = $2 and "secret_version" = $3 and "source" = $4 and "url" is not distinct from $5 limit $6;

select * from "leaks" where "workspace_id" = $1 and "id" < $2 and "key_id" = $3 order by "id" desc limit $4;

select * from "leaks" where "workspace_id" is null order by "id" desc limit $1;
