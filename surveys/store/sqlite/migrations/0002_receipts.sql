-- Receipts have a narrow table of their own.
-- It says where the response of a receipt is. Every new response meets this at a random place, so that what does not fit
-- into memory is read and written again for each: an index of responses would hold facility, day and id in full.
CREATE TABLE places (
	place    INTEGER NOT NULL PRIMARY KEY,
	facility TEXT    NOT NULL UNIQUE
) STRICT;

CREATE TABLE receipts (
	receipt TEXT    NOT NULL,
	place   INTEGER NOT NULL,
	day     INTEGER NOT NULL, -- since 1970-01-01
	PRIMARY KEY (receipt, place, day)
) STRICT, WITHOUT ROWID;

INSERT INTO places (facility) SELECT DISTINCT facility FROM responses;

INSERT INTO receipts (receipt, place, day)
SELECT DISTINCT r.receipt, p.place, unixepoch(r.day) / 86400
FROM responses r JOIN places p ON p.facility = r.facility
ORDER BY r.receipt, p.place, r.day;

DROP INDEX responses_by_receipt;

-- Responses go by whole days only, so that of two that share a receipt on one day none is left behind.
CREATE TRIGGER responses_deleted AFTER DELETE ON responses
BEGIN
	DELETE FROM receipts WHERE receipt = OLD.receipt AND day = unixepoch(OLD.day) / 86400
		AND place = (SELECT place FROM places WHERE facility = OLD.facility);
END;
