-- The responses of a facility-day lie together, in the order of their random ids, so that nothing tells in which
-- order they came and counting a day reads few pages.
CREATE TABLE responses (
	id         BLOB    NOT NULL CHECK (length(id) = 16),
	receipt    TEXT    NOT NULL,
	facility   TEXT    NOT NULL,
	point      TEXT    NOT NULL,
	instrument TEXT    NOT NULL,
	version    INTEGER NOT NULL,
	form       TEXT    NOT NULL,
	channel    TEXT    NOT NULL,
	standing   TEXT    NOT NULL,
	reason     TEXT    NOT NULL,
	lang       TEXT    NOT NULL,
	day        TEXT    NOT NULL,
	hour       INTEGER NOT NULL,
	arrived    TEXT    NOT NULL,
	answers    TEXT    NOT NULL, -- JSON: item code → number, text or list of texts
	comment    TEXT    NOT NULL,
	PRIMARY KEY (facility, day, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX responses_by_receipt ON responses (receipt);

-- Facility-days to be counted again. Each marking draws a new mark; a mark once cleared never comes again.
CREATE TABLE dirty (
	facility TEXT    NOT NULL,
	day      TEXT    NOT NULL,
	mark     INTEGER NOT NULL,
	PRIMARY KEY (facility, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE days (
	facility TEXT    NOT NULL,
	day      TEXT    NOT NULL,
	rev      INTEGER NOT NULL,
	format   INTEGER NOT NULL,
	forms    INTEGER NOT NULL,
	sealed   INTEGER NOT NULL,
	body     BLOB    NOT NULL,
	PRIMARY KEY (facility, day)
) STRICT;

CREATE TABLE releases (
	id       TEXT    NOT NULL PRIMARY KEY,
	facility TEXT    NOT NULL,
	node     TEXT    NOT NULL, -- its first day
	node_end TEXT    NOT NULL, -- its last day
	released TEXT    NOT NULL,
	format   INTEGER NOT NULL,
	head     BLOB    NOT NULL,
	parts    BLOB    NOT NULL -- last, so that reading the rest leaves its pages alone
) STRICT;

CREATE INDEX releases_by_node ON releases (facility, node, id);

CREATE TABLE records (
	kind   TEXT    NOT NULL,
	id     TEXT    NOT NULL,
	rev    INTEGER NOT NULL,
	keys   TEXT    NOT NULL, -- JSON: index → value
	frozen INTEGER NOT NULL,
	body   BLOB    NOT NULL,
	PRIMARY KEY (kind, id)
) STRICT;

-- What is frozen stays, whoever writes to the file. A row that REPLACE puts out of the way fires no trigger
-- of its own, so the one that would take its place is stopped.
CREATE TRIGGER records_frozen_update BEFORE UPDATE ON records
WHEN OLD.frozen OR EXISTS (SELECT 1 FROM records WHERE kind = NEW.kind AND id = NEW.id AND frozen)
BEGIN
	SELECT RAISE(ABORT, 'a frozen record never changes');
END;

CREATE TRIGGER records_frozen_delete BEFORE DELETE ON records WHEN OLD.frozen
BEGIN
	SELECT RAISE(ABORT, 'a frozen record is never deleted');
END;

-- It is passed over without an error, as the program's own ON CONFLICT DO NOTHING expects.
CREATE TRIGGER records_frozen_insert BEFORE INSERT ON records
WHEN EXISTS (SELECT 1 FROM records WHERE kind = NEW.kind AND id = NEW.id AND frozen)
BEGIN
	SELECT RAISE(IGNORE);
END;

CREATE TABLE record_keys (
	kind  TEXT NOT NULL,
	name  TEXT NOT NULL,
	value TEXT NOT NULL,
	id    TEXT NOT NULL,
	PRIMARY KEY (kind, name, value, id),
	FOREIGN KEY (kind, id) REFERENCES records (kind, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX record_keys_of ON record_keys (kind, id);
