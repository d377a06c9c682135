-- Configurations that runs are pinned to, each stored once.
create table run_configs (
    account nvarchar(64) collate Latin1_General_100_BIN2 not null,
    id nvarchar(64) collate Latin1_General_100_BIN2 not null,
    config nvarchar(max) not null,
    constraint pk_run_configs primary key (account, id)
);

-- What an account has under way: changed in the transactions that change its runs.
create table run_accounts (
    account nvarchar(64) collate Latin1_General_100_BIN2 not null,
    running int not null,
    queued int not null,
    minute_at bigint not null,
    minute_runs int not null,
    served_at datetimeoffset(3) not null,
    constraint pk_run_accounts primary key (account)
);

create table runs (
    account nvarchar(64) collate Latin1_General_100_BIN2 not null,
    id nvarchar(36) collate Latin1_General_100_BIN2 not null,
    subject nvarchar(100) collate Latin1_General_100_BIN2 not null,
    config_id nvarchar(64) collate Latin1_General_100_BIN2 not null,
    parent_id nvarchar(36) collate Latin1_General_100_BIN2 null,
    parent_node nvarchar(200) collate Latin1_General_100_BIN2 null,
    depth int not null,
    status nvarchar(16) collate Latin1_General_100_BIN2 not null,
    run_key nvarchar(64) collate Latin1_General_100_BIN2 null,
    due_at datetimeoffset(3) null,
    kick_at datetimeoffset(3) null,
    idle_at datetimeoffset(3) null,
    deadline_at datetimeoffset(3) not null,
    actor nvarchar(300) not null,
    enable_log bit not null,
    input varbinary(max) null,
    result varbinary(max) null,
    error varbinary(max) null,
    failed_node nvarchar(200) collate Latin1_General_100_BIN2 null,
    status_code int null,
    size bigint not null,
    generation int not null,
    version bigint not null,
    created_at datetimeoffset(3) not null,
    started_at datetimeoffset(3) null,
    ended_at datetimeoffset(3) null,
    constraint pk_runs primary key (account, id),
    constraint fk_runs_config foreign key (account, config_id) references run_configs (account, id)
);

create index ix_runs_subject on runs (account, subject, id);

create index ix_runs_status on runs (account, status, id);

create index ix_runs_due on runs (due_at) where due_at is not null;

create index ix_runs_kick on runs (kick_at) where kick_at is not null;

create index ix_runs_key on runs (account, subject, run_key, id) where run_key is not null;

create index ix_runs_parent on runs (account, parent_id) where parent_id is not null;

create index ix_runs_ended on runs (ended_at) where ended_at is not null;

create table run_steps (
    account nvarchar(64) collate Latin1_General_100_BIN2 not null,
    run_id nvarchar(36) collate Latin1_General_100_BIN2 not null,
    node nvarchar(200) collate Latin1_General_100_BIN2 not null,
    status nvarchar(16) collate Latin1_General_100_BIN2 not null,
    attempt int not null,
    failures int not null,
    taken nvarchar(max) null,
    child_id nvarchar(36) collate Latin1_General_100_BIN2 null,
    due_at datetimeoffset(3) null,
    input varbinary(max) null,
    output varbinary(max) null,
    error varbinary(max) null,
    started_at datetimeoffset(3) not null,
    ended_at datetimeoffset(3) null,
    constraint pk_run_steps primary key (account, run_id, node),
    constraint fk_run_steps_run foreign key (account, run_id) references runs (account, id)
);

-- Keys by which runs are found: of a caller's request, and of a burst that is held back.
create table run_keys (
    account nvarchar(64) collate Latin1_General_100_BIN2 not null,
    subject nvarchar(100) collate Latin1_General_100_BIN2 not null,
    kind nvarchar(16) collate Latin1_General_100_BIN2 not null,
    run_key nvarchar(64) collate Latin1_General_100_BIN2 not null,
    run_id nvarchar(36) collate Latin1_General_100_BIN2 not null,
    body_hash nvarchar(64) collate Latin1_General_100_BIN2 null,
    first_at datetimeoffset(3) not null,
    constraint pk_run_keys primary key (account, subject, kind, run_key),
    constraint fk_run_keys_run foreign key (account, run_id) references runs (account, id)
);

create index ix_run_keys_run on run_keys (account, run_id);
