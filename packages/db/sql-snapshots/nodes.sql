delete from "nodes" where "id" = $1;

delete from "nodes" where "seen_at" < $1;

insert into "nodes" ("id", "roles", "started_at", "seen_at") values ($1, $2, $3, $4) on conflict ("id") do update set "roles" = $5, "seen_at" = $6;

select * from "nodes" where "id" = $1;

select count(*) as "live" from "nodes" where "seen_at" >= $1;

select count(*) as "live" from "nodes" where "seen_at" >= $1 and $2 = any("roles");
