-- Small directories, clustered by the key they are found by, point at bodies
-- that are found by number: a body is rewritten in place without touching an
-- index, and a directory page holds some fifty keys.

-- Entity ids are spread at random. What belongs to an entity is found by its
-- row number instead, so that entities read together lie together.
CREATE TABLE entity (
  id      TEXT PRIMARY KEY,
  object  TEXT NOT NULL,          -- '' while others speak of it and it is not stored yet
  into_id TEXT NOT NULL,          -- '' if it stands for itself
  row     INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX entity_scan ON entity (object, row, into_id);

CREATE TABLE entity_body (
  row     INTEGER PRIMARY KEY,
  id      TEXT NOT NULL,          -- these three as in entity
  object  TEXT NOT NULL,
  into_id TEXT NOT NULL,
  golden  BLOB NOT NULL,          -- stored fields: one JSON object
  rest    BLOB NOT NULL
);

CREATE TABLE dirty (
  object TEXT NOT NULL,
  row    INTEGER NOT NULL,
  PRIMARY KEY (object, row)
) WITHOUT ROWID;

CREATE TABLE match_key (
  key    TEXT NOT NULL,           -- object US kind US value
  row    INTEGER NOT NULL,        -- of the entity, as in all tables below
  PRIMARY KEY (key, row)
) WITHOUT ROWID;
CREATE INDEX match_key_row ON match_key (row);

CREATE TABLE link (
  key    TEXT PRIMARY KEY,        -- system US object US remote id
  entity INTEGER NOT NULL,
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
  entity INTEGER NOT NULL,
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
  entity INTEGER NOT NULL,
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
