/** The callbacks (回拨任务) as the centre last told them, and the content of what it publishes. */
export const id = 40
export const sql = `
-- seq is drawn anew with every change of a task, so that a reader asks only for what is new to it.
CREATE TABLE callback_task (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  task_id TEXT NOT NULL UNIQUE,
  version INTEGER NOT NULL,
  closed_at TEXT,
  task TEXT NOT NULL
) STRICT;
CREATE INDEX callback_open ON callback_task (seq) WHERE closed_at IS NULL;
CREATE INDEX callback_closed ON callback_task (closed_at) WHERE closed_at IS NOT NULL;

-- Its JSON text; null until it is fetched, and for what this program does not use.
ALTER TABLE publication ADD COLUMN content TEXT;
-- In the order of the feed: of two that hold from the same moment, the one told later is in force.
ALTER TABLE publication ADD COLUMN told INTEGER NOT NULL DEFAULT 0;
`
