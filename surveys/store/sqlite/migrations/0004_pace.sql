-- A response keeps how fast it was filled in, in four classes.
ALTER TABLE responses ADD COLUMN pace TEXT NOT NULL DEFAULT '';
