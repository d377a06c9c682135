-- For large installations, after the first "migrate". Nothing depends on it.
-- Removing a collection moves its contents in one transaction: without this, more than about 5,000 rows lock their whole table.
alter table nodes set (lock_escalation = disable);
alter table workflows set (lock_escalation = disable);
alter table changes set (lock_escalation = disable);
go
-- Bodies of the history compress well. Needs Enterprise, Standard 2016 SP1 or Azure SQL.
alter table changes rebuild with (data_compression = page);
go
