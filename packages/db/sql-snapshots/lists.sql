delete from lists l where l.environment_id = $1 and l.id = $2 and not exists ( select from campaigns c where c.environment_id = l.environment_id and c.status in ('scheduled', 'sending', 'paused') and (l.id = any(c.list_ids) or l.id = any(c.exclude_list_ids)) ) returning l.id;

insert into "lists" ("environment_id", "id", "name", "description", "double_opt_in", "visibility", "created_at", "updated_at") values ($1, $2, $3, $4, $5, $6, $7, $8);

select "id" from "lists" where "environment_id" = $1 and "id" = $2 for key share;

select contact_id as "contactId", status from list_members where environment_id = $1 and list_id = $2 and contact_id = any($3::text[]);

select id from lists where environment_id = $1 and id = $2 for update;

select id from lists where environment_id = $1 and id = any($2::text[]) order by id for key share;

select l.id, l.name, l.description, l.double_opt_in as "doubleOptIn", l.visibility, ( select count(*) from list_members m where m.environment_id = l.environment_id and m.list_id = l.id and m.status = 'subscribed' ) as "contactCount", l.created_at as "createdAt", l.updated_at as "updatedAt" from lists l where l.environment_id = $1 and l.id < $2 order by l.id desc limit $3;

select l.id, l.name, l.description, l.double_opt_in as "doubleOptIn", l.visibility, ( select count(*) from list_members m where m.environment_id = l.environment_id and m.list_id = l.id and m.status = 'subscribed' ) as "contactCount", l.created_at as "createdAt", l.updated_at as "updatedAt" from lists l where l.environment_id = $1 and l.id = $2;

select l.id, l.name, l.description, l.double_opt_in as "doubleOptIn", l.visibility, ( select count(*) from list_members m where m.environment_id = l.environment_id and m.list_id = l.id and m.status = 'subscribed' ) as "contactCount", l.created_at as "createdAt", l.updated_at as "updatedAt" from lists l where l.environment_id = $1 order by l.id desc limit $2;

update "list_members" set "status" = $1 where "environment_id" = $2 and "contact_id" = $3;

update "lists" set "description" = $1, "double_opt_in" = $2, "updated_at" = $3 where "environment_id" = $4 and "id" = $5;

update "lists" set "name" = $1, "updated_at" = $2 where "environment_id" = $3 and "id" = $4;

with leaving as ( select contact_id from list_members where environment_id = $1 and list_id = $2 and contact_id = any($3::text[]) and status <> 'unsubscribed' order by contact_id for update ), gone as ( delete from list_members m using leaving where m.environment_id = $4 and m.list_id = $5 and m.contact_id = leaving.contact_id and m.status <> 'unsubscribed' returning m.contact_id ), consent as ( insert into consent_events (environment_id, contact_id, at, list_id, status, source, ip) select $6, contact_id, $7::timestamptz, $8, 'removed', $9, $10::text from gone on conflict do nothing ) select count(*) as removed from gone;
