delete from "key_advice" where "workspace_id" = $1 and "key_id" = $2 returning "before", "after";

insert into "key_advice" ("key_id", "workspace_id", "before", "after", "accepted_by", "accepted_at") values ($1, $2, $3, $4, $5, $6) on conflict ("key_id") do update set "workspace_id" = $7, "before" = $8, "after" = $9, "accepted_by" = $10, "accepted_at" = $11;

select coalesce(max(requests), 0)::bigint as peak from ( select sum(requests) as requests from usage_minutes where environment_id = $1 and minute >= $2 and minute < $3 and key_id = $4 group by minute) as minutes;

select ip, user_agent as "userAgent", operation, count(*)::int as requests, min(at) as "firstSeenAt", max(at) as "lastSeenAt" from usage_requests where environment_id = $1 and at >= $2 and at < $3 and key_id = $4 group by 1, 2, 3 order by max(at) desc, 1, 2, 3 limit $5;

select operation, outcome, sum(requests)::bigint as requests, max(day) as "lastDay" from usage_days where environment_id = $1 and day >= $2 and day < $3 and key_id = $4 group by 1, 2 order by 1, 2;
