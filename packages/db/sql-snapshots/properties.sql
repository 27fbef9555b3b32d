insert into "contact_properties" ("environment_id", "id", "key", "type", "description", "fallback", "created_at", "updated_at") values ($1, $2, $3, $4, $5, $6, $7, $8);

select id, key, type, description, fallback, archived_at as "archivedAt", created_at as "createdAt", updated_at as "updatedAt" from contact_properties where environment_id = $1 and id < $2 order by id desc limit $3;

select id, key, type, description, fallback, archived_at as "archivedAt", created_at as "createdAt", updated_at as "updatedAt" from contact_properties where environment_id = $1 and key = $2;

select id, key, type, description, fallback, archived_at as "archivedAt", created_at as "createdAt", updated_at as "updatedAt" from contact_properties where environment_id = $1 order by id desc limit $2;

select id, key, type, description, fallback, archived_at as "archivedAt", created_at as "createdAt", updated_at as "updatedAt" from contact_properties where environment_id = $1 order by key;

update "contact_properties" set "archived_at" = $1, "updated_at" = $2 where "environment_id" = $3 and "key" = $4;

update "contact_properties" set "archived_at" = coalesce(archived_at, $1), "updated_at" = $2 where "environment_id" = $3 and "key" = $4;

update "contact_properties" set "description" = $1, "archived_at" = coalesce(archived_at, $2), "updated_at" = $3 where "environment_id" = $4 and "key" = $5;

update "contact_properties" set "fallback" = $1, "archived_at" = coalesce(archived_at, $2), "updated_at" = $3 where "environment_id" = $4 and "key" = $5;
