-- The embedded engine's queues and histories: ids and outcomes, none of the runs' data. On SQL Server its provider has its own schema.
create table engine_instances (
    id nvarchar(60) collate Latin1_General_100_BIN2 not null,
    execution_id nvarchar(40) not null,
    ready_at bigint null,
    locked_by nvarchar(40) null,
    locked_until bigint not null,
    fence bigint not null,
    attempts int not null,
    constraint pk_engine_instances primary key (id)
);

create index ix_engine_instances_ready on engine_instances (ready_at) where ready_at is not null;

create table engine_messages (
    sequence bigint identity(1,1) not null primary key,
    instance_id nvarchar(60) collate Latin1_General_100_BIN2 not null,
    due_at bigint not null,
    body nvarchar(max) not null
);

create index ix_engine_messages_instance on engine_messages (instance_id, due_at);

create table engine_history (
    instance_id nvarchar(60) collate Latin1_General_100_BIN2 not null,
    position int not null,
    body nvarchar(max) not null,
    constraint pk_engine_history primary key (instance_id, position)
);

create table engine_tasks (
    sequence bigint identity(1,1) not null primary key,
    instance_id nvarchar(60) collate Latin1_General_100_BIN2 not null,
    body nvarchar(max) not null,
    locked_by nvarchar(40) null,
    locked_until bigint not null,
    fence bigint not null,
    attempts int not null
);

create index ix_engine_tasks_instance on engine_tasks (instance_id);
