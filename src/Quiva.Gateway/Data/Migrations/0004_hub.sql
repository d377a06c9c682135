create index ix_changes_resource on changes (resource, sequence);

create table collections (
    account nvarchar(64) collate Latin1_General_100_BIN2 not null,
    subject nvarchar(100) collate Latin1_General_100_BIN2 not null,
    collection_type nvarchar(10) not null,
    topic nvarchar(10) not null,
    name nvarchar(400) not null,
    description nvarchar(max) not null,
    type nvarchar(10) not null,
    version bigint not null,
    modified_at datetimeoffset(3) not null,
    constraint pk_collections primary key (account, subject)
);

create table nodes (
    account nvarchar(64) collate Latin1_General_100_BIN2 not null,
    subject nvarchar(100) collate Latin1_General_100_BIN2 not null,
    collection nvarchar(100) collate Latin1_General_100_BIN2 not null,
    topic nvarchar(10) not null,
    first_name nvarchar(400) collate Latin1_General_100_BIN2 not null,
    data nvarchar(max) not null,
    archived bit not null,
    version bigint not null,
    modified_at datetimeoffset(3) not null,
    constraint pk_nodes primary key (account, subject),
    constraint fk_nodes_collection foreign key (account, collection) references collections (account, subject)
);

create index ix_nodes_collection on nodes (account, collection, subject);

create table workflows (
    account nvarchar(64) collate Latin1_General_100_BIN2 not null,
    subject nvarchar(100) collate Latin1_General_100_BIN2 not null,
    collection nvarchar(100) collate Latin1_General_100_BIN2 not null,
    topic nvarchar(10) not null,
    is_draft bit not null,
    resource nvarchar(36) collate Latin1_General_100_BIN2 not null,
    first_name nvarchar(400) collate Latin1_General_100_BIN2 not null,
    name nvarchar(400) not null,
    description nvarchar(max) not null,
    config nvarchar(max) null,
    archived bit not null,
    version bigint not null,
    modified_at datetimeoffset(3) not null,
    constraint pk_workflows primary key (account, subject),
    constraint fk_workflows_collection foreign key (account, collection) references collections (account, subject)
);

create index ix_workflows_collection on workflows (account, collection, subject);
