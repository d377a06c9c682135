create table counters (
    account nvarchar(64) collate Latin1_General_100_BIN2 not null,
    kind nvarchar(20) collate Latin1_General_100_BIN2 not null,
    scope nvarchar(100) collate Latin1_General_100_BIN2 not null,
    total bigint not null,
    bytes bigint not null,
    constraint pk_counters primary key (account, kind, scope)
);

alter table collections add bytes bigint not null constraint df_collections_bytes default 0;
alter table nodes add bytes bigint not null constraint df_nodes_bytes default 0;
alter table workflows add bytes bigint not null constraint df_workflows_bytes default 0;
alter table changes add bytes bigint not null constraint df_changes_bytes default 0;
alter table changes add version bigint null;

create index ix_changes_history on changes (account, resource, version) where resource is not null;
