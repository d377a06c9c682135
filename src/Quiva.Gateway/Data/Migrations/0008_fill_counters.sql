update collections set bytes = len(name) + len(description);
update nodes set bytes = len(data);
update workflows set bytes = len(name) + len(description) + coalesce(len(config), 0);
update changes set version = sequence, bytes = coalesce(len(body), 0);

insert into counters (account, kind, scope, total, bytes)
select account, 'sequence', '', max(sequence), 0 from changes group by account;
insert into counters (account, kind, scope, total, bytes)
select '*', 'sequence', '', coalesce(max(sequence), 0), 0 from changes where subject like 'ms.integration.oauth.config.%';

insert into counters (account, kind, scope, total, bytes)
select account, 'history', '', count(*), sum(bytes) from changes where resource is not null and body is not null group by account;
insert into counters (account, kind, scope, total, bytes)
select account, 'collection', '', count(*), sum(bytes) from collections group by account;
insert into counters (account, kind, scope, total, bytes)
select account, 'collection', collection_type, count(*), 0 from collections group by account, collection_type;
insert into counters (account, kind, scope, total, bytes)
select account, 'node', '', count(*), sum(bytes) from nodes group by account;
insert into counters (account, kind, scope, total, bytes)
select account, 'node', collection, count(*), 0 from nodes group by account, collection;
insert into counters (account, kind, scope, total, bytes)
select account, 'workflow', '', count(*), sum(bytes) from workflows group by account;
insert into counters (account, kind, scope, total, bytes)
select account, case is_draft when 1 then 'draft' else 'published' end, '', count(*), 0 from workflows group by account, is_draft;
insert into counters (account, kind, scope, total, bytes)
select account, case is_draft when 1 then 'draft' else 'published' end, collection, count(*), 0 from workflows group by account, is_draft, collection;
insert into counters (account, kind, scope, total, bytes)
select account, 'connection', '', count(*), 0 from oauth_connections group by account;
insert into counters (account, kind, scope, total, bytes)
select account, 'connection', integration_id, count(*), 0 from oauth_connections group by account, integration_id;
insert into counters (account, kind, scope, total, bytes)
select '*', 'configuration', '', count(*), 0 from oauth_configs;
