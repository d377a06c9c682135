-- additive
create index ix_workflows_resource on workflows (account, resource);
