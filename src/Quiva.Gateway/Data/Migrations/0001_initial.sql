create table oauth_configs (
    integration_id nvarchar(64) collate Latin1_General_100_BIN2 not null,
    name nvarchar(400) not null,
    scopes nvarchar(4000) not null,
    client_id nvarchar(1000) not null,
    client_secret varbinary(max) not null,
    auth_url nvarchar(2000) not null,
    token_url nvarchar(2000) not null,
    redirect_url nvarchar(2000) not null,
    version bigint not null,
    modified_at datetimeoffset(3) not null,
    constraint pk_oauth_configs primary key (integration_id)
);

create table changes (
    sequence bigint identity(1,1) not null primary key,
    account nvarchar(64) collate Latin1_General_100_BIN2 not null,
    subject nvarchar(400) collate Latin1_General_100_BIN2 not null,
    kind nvarchar(20) not null,
    actor nvarchar(300) not null,
    occurred_at datetimeoffset(3) not null,
    fields nvarchar(1000) not null,
    body nvarchar(max) null
);

create index ix_changes_subject on changes (subject, sequence);

create table api_keys (
    id nvarchar(36) collate Latin1_General_100_BIN2 not null,
    hash varbinary(32) not null,
    account nvarchar(64) collate Latin1_General_100_BIN2 not null,
    roles nvarchar(200) not null,
    name nvarchar(400) not null,
    created_at datetimeoffset(3) not null,
    expires_at datetimeoffset(3) null,
    revoked_at datetimeoffset(3) null,
    constraint pk_api_keys primary key (id),
    constraint uq_api_keys_hash unique (hash)
);

create table data_protection_keys (
    name nvarchar(200) collate Latin1_General_100_BIN2 not null,
    xml nvarchar(max) not null,
    created_at datetimeoffset(3) not null,
    constraint pk_data_protection_keys primary key (name)
);
