alter table oauth_configs add revocation_url nvarchar(2000) null;
alter table oauth_configs add token_auth_method nvarchar(30) null;

create table oauth_connections (
    account nvarchar(64) collate Latin1_General_100_BIN2 not null,
    integration_id nvarchar(64) collate Latin1_General_100_BIN2 not null,
    connection_id nvarchar(64) collate Latin1_General_100_BIN2 not null,
    access_token varbinary(max) not null,
    refresh_token varbinary(max) null,
    token_type nvarchar(100) not null,
    scopes nvarchar(4000) not null,
    expires_at datetimeoffset(3) null,
    version bigint not null,
    modified_at datetimeoffset(3) not null,
    lease_owner nvarchar(36) null,
    lease_until datetimeoffset(3) null,
    fence bigint not null,
    refresh_error nvarchar(100) null,
    refresh_failed_at datetimeoffset(3) null,
    constraint pk_oauth_connections primary key (account, integration_id, connection_id)
);

create index ix_oauth_connections_expires_at on oauth_connections (expires_at);

create table oauth_sign_ins (
    state_hash varbinary(32) not null,
    account nvarchar(64) collate Latin1_General_100_BIN2 not null,
    actor nvarchar(300) not null,
    integration_id nvarchar(64) collate Latin1_General_100_BIN2 not null,
    connection_id nvarchar(64) collate Latin1_General_100_BIN2 not null,
    config_version bigint not null,
    scopes nvarchar(4000) not null,
    code_verifier varbinary(max) not null,
    expires_at datetimeoffset(3) not null,
    constraint pk_oauth_sign_ins primary key (state_hash)
);

create index ix_oauth_sign_ins_expires_at on oauth_sign_ins (expires_at);
