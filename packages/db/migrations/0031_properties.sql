-- What contacts may carry beside their names: declared once, each of one type for good.
create table contact_properties (
  environment_id text collate "C" not null,
  id text collate "C" not null,
  key text not null collate "C",
  type text not null check (type in ('string', 'number', 'boolean', 'date')),
  description text,
  fallback jsonb,
  archived_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (environment_id, id),
  unique (environment_id, key)
);
