/** One higher whenever a file of before cannot be read as it is. */
export const VERSION = 1;

export const TABLES = `
CREATE TABLE IF NOT EXISTS langbaton_event_journal (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  version INTEGER NOT NULL
) STRICT;
INSERT OR IGNORE INTO langbaton_event_journal VALUES (1, ${VERSION});
CREATE TABLE IF NOT EXISTS langbaton_events (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  timestamp TEXT NOT NULL,
  data TEXT NOT NULL,
  hash TEXT NOT NULL,
  received_at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS langbaton_events_received_at ON langbaton_events (received_at);
CREATE TABLE IF NOT EXISTS langbaton_event_runs (
  sequence INTEGER PRIMARY KEY,
  event TEXT NOT NULL,
  rule TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  generation INTEGER NOT NULL DEFAULT 1,
  next_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  input TEXT,
  error TEXT,
  anew INTEGER NOT NULL DEFAULT 0,
  was_waiting INTEGER NOT NULL DEFAULT 0,
  UNIQUE (event, rule)
) STRICT;
CREATE INDEX IF NOT EXISTS langbaton_event_runs_state ON langbaton_event_runs (state, sequence);
CREATE INDEX IF NOT EXISTS langbaton_event_runs_next ON langbaton_event_runs (next_at)
  WHERE state IN ('received', 'waiting');
CREATE TABLE IF NOT EXISTS langbaton_schedules (
  name TEXT PRIMARY KEY,
  seen_at INTEGER NOT NULL
) STRICT;`;
