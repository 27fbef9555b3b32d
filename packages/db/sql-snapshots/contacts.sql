delete from contacts c where c.environment_id = $1 and c.email_key = $2 returning c.id;

delete from contacts c where c.environment_id = $1 and c.id = $2 returning c.id;

insert into "suppressions" ("environment_id", "email_key", "origin", "source", "created_at") values ($1, $2, $3, $4, $5) on conflict do nothing returning "email_key";

insert into contacts (environment_id, id, email, email_key, first_name, last_name, properties, created_at, updated_at) select $1, id, email, "emailKey", "firstName", "lastName", properties, $2::timestamptz, $3::timestamptz from json_to_recordset($4::json) as x( id text, email text, "emailKey" text, "firstName" text, "lastName" text, properties jsonb );

select "email_key" from "suppressions" where "environment_id" = $1 and "email_key" = any($2);

select c.id, c.email, c.email_key as "emailKey", c.first_name as "firstName", c.last_name as "lastName", c.properties, coalesce(( select json_agg(json_build_object('id', m.list_id, 'status', m.status) order by m.list_id) from list_members m where m.environment_id = c.environment_id and m.contact_id = c.id ), '[]') as lists, exists ( select from suppressions s where s.environment_id = c.environment_id and s.email_key = c.email_key ) as suppressed, c.created_at as "createdAt", c.updated_at as "updatedAt" from contacts c where c.environment_id = $1 and c.email_key = $2;

select c.id, c.email, c.email_key as "emailKey", c.first_name as "firstName", c.last_name as "lastName", c.properties, coalesce(( select json_agg(json_build_object('id', m.list_id, 'status', m.status) order by m.list_id) from list_members m where m.environment_id = c.environment_id and m.contact_id = c.id ), '[]') as lists, exists ( select from suppressions s where s.environment_id = c.environment_id and s.email_key = c.email_key ) as suppressed, c.created_at as "createdAt", c.updated_at as "updatedAt" from contacts c where c.environment_id = $1 and c.email_key = $2 order by c.id desc limit $3;

select c.id, c.email, c.email_key as "emailKey", c.first_name as "firstName", c.last_name as "lastName", c.properties, coalesce(( select json_agg(json_build_object('id', m.list_id, 'status', m.status) order by m.list_id) from list_members m where m.environment_id = c.environment_id and m.contact_id = c.id ), '[]') as lists, exists ( select from suppressions s where s.environment_id = c.environment_id and s.email_key = c.email_key ) as suppressed, c.created_at as "createdAt", c.updated_at as "updatedAt" from contacts c where c.environment_id = $1 and c.id < $2 order by c.id desc limit $3;

select c.id, c.email, c.email_key as "emailKey", c.first_name as "firstName", c.last_name as "lastName", c.properties, coalesce(( select json_agg(json_build_object('id', m.list_id, 'status', m.status) order by m.list_id) from list_members m where m.environment_id = c.environment_id and m.contact_id = c.id ), '[]') as lists, exists ( select from suppressions s where s.environment_id = c.environment_id and s.email_key = c.email_key ) as suppressed, c.created_at as "createdAt", c.updated_at as "updatedAt" from contacts c where c.environment_id = $1 and c.id = $2;

select c.id, c.email, c.email_key as "emailKey", c.first_name as "firstName", c.last_name as "lastName", c.properties, coalesce(( select json_agg(json_build_object('id', m.list_id, 'status', m.status) order by m.list_id) from list_members m where m.environment_id = c.environment_id and m.contact_id = c.id ), '[]') as lists, exists ( select from suppressions s where s.environment_id = c.environment_id and s.email_key = c.email_key ) as suppressed, c.created_at as "createdAt", c.updated_at as "updatedAt" from contacts c where c.environment_id = $1 and c.updated_at >= $2 order by c.id desc limit $3;

select c.id, c.email, c.email_key as "emailKey", c.first_name as "firstName", c.last_name as "lastName", c.properties, coalesce(( select json_agg(json_build_object('id', m.list_id, 'status', m.status) order by m.list_id) from list_members m where m.environment_id = c.environment_id and m.contact_id = c.id ), '[]') as lists, exists ( select from suppressions s where s.environment_id = c.environment_id and s.email_key = c.email_key ) as suppressed, c.created_at as "createdAt", c.updated_at as "updatedAt" from contacts c where c.environment_id = $1 and exists (select from list_members m where m.environment_id = c.environment_id and m.contact_id = c.id and m.list_id = $2 and m.status = $3) order by c.id desc limit $4;

select c.id, c.email, c.email_key as "emailKey", c.first_name as "firstName", c.last_name as "lastName", c.properties, coalesce(( select json_agg(json_build_object('id', m.list_id, 'status', m.status) order by m.list_id) from list_members m where m.environment_id = c.environment_id and m.contact_id = c.id ), '[]') as lists, exists ( select from suppressions s where s.environment_id = c.environment_id and s.email_key = c.email_key ) as suppressed, c.created_at as "createdAt", c.updated_at as "updatedAt" from contacts c where c.environment_id = $1 and exists (select from list_members m where m.environment_id = c.environment_id and m.contact_id = c.id and m.list_id = $2) order by c.id desc limit $3;

select c.id, c.email, c.email_key as "emailKey", c.first_name as "firstName", c.last_name as "lastName", c.properties, coalesce(( select json_agg(json_build_object('id', m.list_id, 'status', m.status) order by m.list_id) from list_members m where m.environment_id = c.environment_id and m.contact_id = c.id ), '[]') as lists, exists ( select from suppressions s where s.environment_id = c.environment_id and s.email_key = c.email_key ) as suppressed, c.created_at as "createdAt", c.updated_at as "updatedAt" from contacts c where c.environment_id = $1 and exists (select from list_members m where m.environment_id = c.environment_id and m.contact_id = c.id and m.status = $2) order by c.id desc limit $3;

select c.id, c.email, c.email_key as "emailKey", c.first_name as "firstName", c.last_name as "lastName", c.properties, coalesce(( select json_agg(json_build_object('id', m.list_id, 'status', m.status) order by m.list_id) from list_members m where m.environment_id = c.environment_id and m.contact_id = c.id ), '[]') as lists, exists ( select from suppressions s where s.environment_id = c.environment_id and s.email_key = c.email_key ) as suppressed, c.created_at as "createdAt", c.updated_at as "updatedAt" from contacts c where c.environment_id = $1 order by c.id desc limit $2;

select count(*) as "count" from "contacts" where "environment_id" = $1;

select from contacts c where c.environment_id = $1 and c.email_key = $2 for no key update;

select from contacts c where c.environment_id = $1 and c.id = $2 for no key update;

select id from contacts where environment_id = $1 and id = any($2::text[]) order by id for key share;

select id, email, email_key as "emailKey", first_name as "firstName", last_name as "lastName", properties, created_at as "createdAt", updated_at as "updatedAt" from contacts where environment_id = $1 and email_key = any($2::text[]) order by email_key for no key update;

update "contacts" set "first_name" = $1, "last_name" = $2, "properties" = $3, "updated_at" = $4 where "environment_id" = $5 and "id" = $6;

update "contacts" set "first_name" = $1, "last_name" = $2, "properties" = $3, "updated_at" = $4, "email" = $5, "email_key" = $6 where "environment_id" = $7 and "id" = $8;

update contacts c set first_name = x."firstName", last_name = x."lastName", properties = x.properties, updated_at = $1::timestamptz from json_to_recordset($2::json) as x( id text, "firstName" text, "lastName" text, properties jsonb ) where c.environment_id = $3 and c.id = x.id;

with renamed as ( select email_key from contacts where environment_id = $1 and id = $2 ), barred as ( update list_members m set status = 'unsubscribed', updated_at = $3 from renamed join opt_outs o on o.environment_id = $4 and o.email_key = renamed.email_key where m.environment_id = $5 and m.contact_id = $6 and m.list_id = o.list_id and m.status <> 'unsubscribed' ) insert into opt_outs (environment_id, list_id, email_key, created_at) select $7, m.list_id, renamed.email_key, $8::timestamptz from renamed join list_members m on m.environment_id = $9 and m.contact_id = $10 and m.status = 'unsubscribed' on conflict do nothing;

with wanted as ( select distinct "listId", "contactId" from json_to_recordset($1::json) as x("listId" text, "contactId" text) ), added as ( insert into list_members (environment_id, list_id, contact_id, status, created_at, updated_at) select $2, w."listId", w."contactId", case when o.email_key is not null then 'unsubscribed' when l.double_opt_in then 'unconfirmed' else 'subscribed' end, $3::timestamptz, $4::timestamptz from wanted w join lists l on l.environment_id = $5 and l.id = w."listId" join contacts c on c.environment_id = $6 and c.id = w."contactId" left join opt_outs o on o.environment_id = $7 and o.list_id = l.id and o.email_key = c.email_key order by w."listId" collate "C", w."contactId" collate "C" on conflict do nothing returning list_id, contact_id, status ), consent as ( insert into consent_events (environment_id, contact_id, at, list_id, status, source, ip) select $8, contact_id, $9::timestamptz, list_id, status, $10, $11::text from added where status <> 'unsubscribed' on conflict do nothing ) select count(*) as added from added where status <> 'unsubscribed';
