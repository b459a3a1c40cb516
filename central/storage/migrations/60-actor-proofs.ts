export const id = 60

/**
 * A command proves who gave it: what a session may prove, and until when. `revoked_at` ends its proofs; `ended_at` (signed out)
 * does not. A seat's contacts decide which of its times count (shared/domain/command-time.ts).
 */
export const sql = `
ALTER TABLE operator_session ADD COLUMN branch text NOT NULL DEFAULT '';
ALTER TABLE operator_session ADD COLUMN proves_until timestamptz;
ALTER TABLE operator_session ADD COLUMN revoked_at timestamptz;
UPDATE operator_session s SET branch = d.branch FROM device d WHERE d.seat_id = s.seat_id;

ALTER TABLE device ADD COLUMN contact_at timestamptz;
ALTER TABLE device ADD COLUMN away_from timestamptz;
ALTER TABLE device ADD COLUMN back_at timestamptz;
-- Enrolled before commands carried proofs; the seat's next identity has it too.
ALTER TABLE device ADD COLUMN before_proofs boolean NOT NULL DEFAULT false;
UPDATE device d SET
  before_proofs = true,
  contact_at = coalesce((SELECT max(a.applied_at) FROM applied_command a WHERE a.client_id = d.client_id), d.enrolled_at);
ALTER TABLE device ALTER COLUMN contact_at SET NOT NULL;
CREATE INDEX device_by_seat ON device (seat_id);

-- The session whose secret proved the command; NULL: nobody is named, or a seat of the version before sent it.
ALTER TABLE audit ADD COLUMN proved_by text;
`
