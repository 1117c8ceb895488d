-- Small directories, clustered by the key they are found by, point at bodies
-- that are found by number: a body is rewritten in place without touching an
-- index, and a directory page holds some fifty keys.

-- Nothing here is ever NULL. The constraint stands only on small tables: where
-- it could fail, SQLite keeps an undo journal for every statement of many rows.

-- Entity ids are spread at random. What belongs to an entity is found by its
-- row number instead, so that entities read together lie together.
CREATE TABLE entity (
  id      TEXT PRIMARY KEY,
  object  TEXT,          -- '' while others speak of it and it is not stored yet
  into_id TEXT,          -- '' if it stands for itself
  row     INTEGER
) WITHOUT ROWID;
CREATE INDEX entity_scan ON entity (object, row, into_id);

CREATE TABLE entity_body (
  row     INTEGER PRIMARY KEY,
  id      TEXT,          -- these three as in entity
  object  TEXT,
  into_id TEXT,
  golden  BLOB,          -- stored fields: one JSON object
  rest    BLOB
);

CREATE TABLE dirty (
  object TEXT,
  row    INTEGER,
  PRIMARY KEY (object, row)
) WITHOUT ROWID;

-- Match keys and op ids are long and come in no order. Digests of them keep
-- these directories small; what a digest leads to is compared in full.
CREATE TABLE match_key (
  digest INTEGER,
  row    INTEGER,                 -- of the entity, as in all tables below
  PRIMARY KEY (digest, row)
) WITHOUT ROWID;

CREATE TABLE entity_keys (
  row    INTEGER PRIMARY KEY,
  id     TEXT,
  merged INTEGER,
  keys   BLOB
);

CREATE TABLE link (
  key    TEXT PRIMARY KEY,        -- system US object US remote id
  entity INTEGER,
  state  TEXT,
  row    INTEGER
) WITHOUT ROWID;
CREATE INDEX link_entity ON link (entity, row, state);

CREATE TABLE link_body (
  row  INTEGER PRIMARY KEY,
  held BLOB,             -- stored fields: one JSON object
  rest BLOB
);

CREATE TABLE history (
  seq    INTEGER PRIMARY KEY,
  entity INTEGER,
  run    TEXT,
  body   BLOB
);
CREATE INDEX history_entity ON history (entity);

-- Where the rows of a run lie, instead of an index entry for each.
CREATE TABLE history_run (
  run   TEXT PRIMARY KEY,
  first INTEGER,
  last  INTEGER
) WITHOUT ROWID;

CREATE TABLE intent (
  row    INTEGER PRIMARY KEY,
  op     TEXT,
  entity INTEGER,
  run    TEXT,
  body   BLOB
);
CREATE INDEX intent_entity ON intent (entity);

CREATE TABLE intent_op (
  digest INTEGER,
  row    INTEGER,
  PRIMARY KEY (digest, row)
) WITHOUT ROWID;

CREATE TABLE intent_open (row INTEGER PRIMARY KEY, system TEXT);

CREATE TABLE intent_run (
  run   TEXT PRIMARY KEY,
  first INTEGER,
  last  INTEGER
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
