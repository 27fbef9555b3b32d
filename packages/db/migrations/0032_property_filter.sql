-- Contacts by the value of a property. The environment is the first step of the path that is hashed, so each tenant has his own
-- entries; jsonb_set is immutable, where jsonb_build_object is not and cannot be in an index.
create index contacts_by_property on contacts using gin (jsonb_set('{}', array[environment_id], properties) jsonb_path_ops);
