-- Numbers are never given twice: a cursor stands at one, also when what was
-- before it is forgotten.
CREATE TABLE inbox (
  seq    INTEGER PRIMARY KEY AUTOINCREMENT,
  system TEXT NOT NULL,
  key    TEXT NOT NULL,
  at     INTEGER NOT NULL,        -- nanoseconds
  body   BLOB NOT NULL
);
CREATE UNIQUE INDEX inbox_key ON inbox (system, key);
CREATE INDEX inbox_system ON inbox (system, seq);
