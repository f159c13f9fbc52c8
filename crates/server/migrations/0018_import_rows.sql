-- Rows that came out of files, for as long as the organization is there: single calls are forgotten after a while, and
-- a file that grows brings its old rows again and again.
CREATE TABLE usage_import_rows (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    -- The identifier of the call: the file's own, or one that follows from what the row says.
    id TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- How far a file was imported, by its hash: the rows themselves are known now.
DROP TABLE usage_imports;
