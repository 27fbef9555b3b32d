insert into "unusual_use_progress" ("through", "started_at") values ($1, $2) on conflict do nothing;

insert into key_habits (key_id, habits, updated_at) select key_id, habits::jsonb, $1::timestamptz from unnest($2::text[], $3::text[]) as h (key_id, habits) on conflict (key_id) do update set habits = excluded.habits, updated_at = excluded.updated_at;

select "key_id", "habits" from "key_habits" where key_id = any($1::text[]);

select "through", "started_at" as "startedAt" from "unusual_use_progress" for update skip locked;

select to_timestamp(floor(extract(epoch from r.at) / $1) * $2) as window, e.workspace_id as "workspaceId", r.key_id as "keyId", r.ip, count(*)::int as requests, (count(*) filter (where r.outcome = 'insufficient_scope'))::int as refused, array_agg(distinct r.operation) filter (where r.outcome = 'insufficient_scope') as "refusedOperations" from environments e cross join lateral ( select at, key_id, ip, outcome, operation from usage_requests where environment_id = e.id and at >= $3 and at < $4 offset 0) as r group by 1, 2, 3, 4 order by 1, 3, 4;

update "unusual_use_progress" set "through" = $1;
