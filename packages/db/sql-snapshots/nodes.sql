delete from "nodes" where "id" = $1;

delete from "nodes" where "seen_at" < clock_timestamp() - $1 * interval '1 millisecond';

insert into "nodes" ("id", "roles", "started_at", "seen_at") values ($1, $2, clock_timestamp(), clock_timestamp()) on conflict ("id") do update set "roles" = $3, "seen_at" = clock_timestamp();

select count(*) as "live" from "nodes" where "seen_at" >= clock_timestamp() - $1 * interval '1 millisecond';
