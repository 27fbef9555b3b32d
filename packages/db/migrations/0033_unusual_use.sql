-- What is usual for each key, learnt from the records of its requests.
create table key_habits (
  key_id text collate "C" primary key,
  habits jsonb not null,
  updated_at timestamptz not null
);

-- How far the records were looked at for what is unusual; what came before `started_at` is learnt from and told of to nobody.
create table unusual_use_progress (
  only_one boolean primary key default true check (only_one),
  through timestamptz not null,
  started_at timestamptz not null
);
