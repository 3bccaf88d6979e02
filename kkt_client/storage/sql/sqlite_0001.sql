-- The fiscal memory of one register, layout 1.
-- record: the chain. Rows are added and never changed: the triggers below refuse anything else.
CREATE TABLE record (
    seq    INTEGER PRIMARY KEY,
    kind   INTEGER NOT NULL,
    number INTEGER,
    key    TEXT,
    body   BLOB NOT NULL,
    hash   BLOB NOT NULL
) STRICT;
CREATE INDEX record_of_document ON record (number, seq) WHERE number IS NOT NULL;
CREATE UNIQUE INDEX record_of_key ON record (key) WHERE key IS NOT NULL;
CREATE TRIGGER record_is_never_changed BEFORE UPDATE ON record
BEGIN
    SELECT RAISE(ABORT, 'a record of the fiscal memory is never changed');
END;
CREATE TRIGGER record_is_never_removed BEFORE DELETE ON record
BEGIN
    SELECT RAISE(ABORT, 'a record of the fiscal memory is never removed');
END;
-- beside: what lies outside the chain and can be replaced: the registration, a snapshot, marks.
CREATE TABLE beside (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
