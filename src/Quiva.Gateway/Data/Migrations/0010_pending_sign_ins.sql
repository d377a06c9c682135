alter table oauth_sign_ins add return_url nvarchar(2000) null;
alter table oauth_sign_ins add session_hash varbinary(32) null;

create table oauth_pending_sign_ins (
    handle_hash varbinary(32) not null,
    state_hash varbinary(32) not null,
    session_hash varbinary(32) not null,
    in_browser bit not null,
    account nvarchar(64) collate Latin1_General_100_BIN2 not null,
    actor nvarchar(300) not null,
    integration_id nvarchar(64) collate Latin1_General_100_BIN2 not null,
    connection_id nvarchar(64) collate Latin1_General_100_BIN2 not null,
    config_version bigint not null,
    scopes nvarchar(4000) not null,
    status nvarchar(10) collate Latin1_General_100_BIN2 not null,
    tokens varbinary(max) null,
    obtained_at datetimeoffset(3) not null,
    expires_at datetimeoffset(3) not null,
    due_at datetimeoffset(3) not null,
    attempts int not null,
    constraint pk_oauth_pending_sign_ins primary key (handle_hash),
    constraint uq_oauth_pending_sign_ins_state unique (state_hash)
);

create index ix_oauth_pending_sign_ins_due_at on oauth_pending_sign_ins (due_at);
