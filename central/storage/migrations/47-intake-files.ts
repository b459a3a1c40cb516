export const id = 47

/**
 * Files that no seat sent: of an internet channel, until an item of its list has them, and of a handling unit. `head`: the first
 * bytes in hexadecimal, by which it is decided whether such a file is taken.
 */
export const sql = `
ALTER TABLE file ALTER COLUMN seat_id DROP NOT NULL;
ALTER TABLE file ADD COLUMN channel text;
ALTER TABLE file ADD COLUMN unit_code text;
ALTER TABLE file ADD COLUMN head text NOT NULL DEFAULT '';
ALTER TABLE file ADD COLUMN intake_id text;
ALTER TABLE file ADD CONSTRAINT file_of_one CHECK (num_nonnulls(seat_id, channel, unit_code) = 1);
CREATE INDEX file_of_no_item ON file (channel, stored_at) WHERE channel IS NOT NULL AND intake_id IS NULL;

ALTER TABLE intake ADD COLUMN attachments text NOT NULL DEFAULT '[]';
`
