-- A sealed day holds the digest of its count.
ALTER TABLE days ADD COLUMN seal TEXT NOT NULL DEFAULT '';
