insert into "contact_properties" ("environment_id", "id", "key", "type", "description", "fallback", "created_at", "updated_at") values ($1, $2, $3, $4, $5, $6, $7, $8);

select c.id, c.email, c.email_key as "emailKey", c.first_name as "firstName", c.last_name as "lastName", c.properties, coalesce(( select json_agg(json_build_object('id', m.list_id, 'status', m.status) order by m.list_id) from list_members m where m.environment_id = c.environment_id and m.contact_id = c.id ), '[]') as lists, exists ( select from suppressions s where s.environment_id = c.environment_id and s.email_key = c.email_key ) as suppressed, c.created_at as "createdAt", c.updated_at as "updatedAt" from contacts c where c.environment_id = $1 and jsonb_set('{}', array[c.environment_id], c.properties) @> $2::jsonb order by c.id desc limit $3;

select id, key, type, description, fallback, archived_at as "archivedAt", created_at as "createdAt", updated_at as "updatedAt" from contact_properties where environment_id = $1 and id < $2 order by id desc limit $3;

select id, key, type, description, fallback, archived_at as "archivedAt", created_at as "createdAt", updated_at as "updatedAt" from contact_properties where environment_id = $1 and key = $2;

select id, key, type, description, fallback, archived_at as "archivedAt", created_at as "createdAt", updated_at as "updatedAt" from contact_properties where environment_id = $1 order by id desc limit $2;

select id, key, type, description, fallback, archived_at as "archivedAt", created_at as "createdAt", updated_at as "updatedAt" from contact_properties where environment_id = $1 order by key;

update "contact_properties" set "archived_at" = $1, "updated_at" = $2 where "environment_id" = $3 and "key" = $4;

update "contact_properties" set "archived_at" = coalesce(archived_at, $1), "updated_at" = $2 where "environment_id" = $3 and "key" = $4;

update "contact_properties" set "description" = $1, "archived_at" = coalesce(archived_at, $2), "updated_at" = $3 where "environment_id" = $4 and "key" = $5;

update "contact_properties" set "fallback" = $1, "archived_at" = coalesce(archived_at, $2), "updated_at" = $3 where "environment_id" = $4 and "key" = $5;
