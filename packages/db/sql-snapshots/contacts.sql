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
