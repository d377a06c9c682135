-- For large installations, after the first "migrate". Nothing depends on it.
-- Entries of the log resemble each other: their rows shrink. Configurations of the history are kept off the row, which this does not compress.
-- Needs Enterprise, Standard 2016 SP1 or Azure SQL.
alter table changes rebuild with (data_compression = page);
go
