-- For large installations, after the first "migrate". Nothing depends on it.
-- Bodies of the history compress well. Needs Enterprise, Standard 2016 SP1 or Azure SQL.
alter table changes rebuild with (data_compression = page);
go
