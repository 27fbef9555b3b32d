-- The control plane: one counter that every change raises, and what changed at each value of it.
create table revisions (
  singleton boolean primary key default true check (singleton),
  revision bigint not null
);
insert into revisions (revision) values (0);

create table change_log (
  revision bigint not null,
  kind text not null collate "C",
  id text not null collate "C",
  at timestamptz not null,
  primary key (revision, kind, id)
);
