-- Small directories, clustered by the key they are found by, point at bodies
-- that are found by number: a body is rewritten in place without touching an
-- index, and a directory page holds some fifty keys.

CREATE TABLE entity (
  id      TEXT PRIMARY KEY,
  object  TEXT NOT NULL,
  into_id TEXT NOT NULL,          -- '' if it stands for itself
  row     INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE entity_body (
  row    INTEGER PRIMARY KEY,
  golden BLOB NOT NULL,           -- stored fields: one JSON object
  rest   BLOB NOT NULL
);

CREATE TABLE dirty (id TEXT PRIMARY KEY) WITHOUT ROWID;

CREATE TABLE match_key (
  key    TEXT NOT NULL,           -- object US kind US value
  entity TEXT NOT NULL,
  PRIMARY KEY (key, entity)
) WITHOUT ROWID;
CREATE INDEX match_key_entity ON match_key (entity);

CREATE TABLE link (
  key    TEXT PRIMARY KEY,        -- system US object US remote id
  entity TEXT NOT NULL,
  state  TEXT NOT NULL,
  row    INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX link_entity ON link (entity, row, state);

CREATE TABLE link_body (
  row  INTEGER PRIMARY KEY,
  held BLOB NOT NULL,             -- stored fields: one JSON object
  rest BLOB NOT NULL
);

CREATE TABLE history (
  seq    INTEGER PRIMARY KEY,
  entity TEXT NOT NULL,
  run    TEXT NOT NULL,
  body   BLOB NOT NULL
);
CREATE INDEX history_entity ON history (entity);

-- Where the rows of a run lie, instead of an index entry for each.
CREATE TABLE history_run (
  run   TEXT PRIMARY KEY,
  first INTEGER NOT NULL,
  last  INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE intent (
  op     TEXT PRIMARY KEY,
  entity TEXT NOT NULL,
  run    TEXT NOT NULL,
  row    INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX intent_entity ON intent (entity, row);

CREATE TABLE intent_body (
  row  INTEGER PRIMARY KEY,
  body BLOB NOT NULL
);

CREATE TABLE intent_open (
  op     TEXT PRIMARY KEY,
  system TEXT NOT NULL,
  row    INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE intent_run (
  run   TEXT PRIMARY KEY,
  first TEXT NOT NULL,
  last  TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE hold (
  entity TEXT NOT NULL,
  system TEXT NOT NULL,
  field  TEXT NOT NULL,
  object TEXT NOT NULL,
  remote TEXT NOT NULL,
  reason TEXT NOT NULL,
  cause  TEXT NOT NULL,
  detail TEXT NOT NULL,
  until  INTEGER NOT NULL,        -- nanoseconds, 0 for never by itself
  since  INTEGER NOT NULL,
  rest   BLOB NOT NULL,
  PRIMARY KEY (entity, system, field, object, remote)
) WITHOUT ROWID;

CREATE TABLE cursor (
  system TEXT NOT NULL,
  object TEXT NOT NULL,
  lane   TEXT NOT NULL,
  value  TEXT NOT NULL,
  seq    INTEGER NOT NULL,
  done   INTEGER NOT NULL,
  times  BLOB NOT NULL,
  PRIMARY KEY (system, object, lane)
) WITHOUT ROWID;

CREATE TABLE run (
  id       TEXT PRIMARY KEY,
  started  INTEGER NOT NULL,
  body     BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX run_started ON run (started);

CREATE TABLE fact (
  key   TEXT PRIMARY KEY,
  value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE fence (
  name  TEXT PRIMARY KEY,
  epoch INTEGER NOT NULL
) WITHOUT ROWID;
