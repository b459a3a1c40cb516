export const id = 40

/**
 * Callbacks. A claim is one call of `callback_claim`: one round trip and one commit, its plans kept by the session. It does what
 * `claim` of shared/domain/callback-moves.ts does, and a test holds it to that. A claim touches no indexed column, so that its
 * update stays within the page (HOT).
 */
export const sql = `
-- The time of leases. A simulation replaces this function.
CREATE FUNCTION lease_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT clock_timestamp()';

CREATE TABLE callback_task (
  task_id text PRIMARY KEY,
  version integer NOT NULL,
  branch text,
  kind text NOT NULL,
  number_key text,
  number text NOT NULL,
  extension text,
  dialable boolean NOT NULL,
  queue text,
  wants text[] NOT NULL,
  enterprise boolean NOT NULL,
  dialect text,
  note text NOT NULL,
  calls integer NOT NULL,
  first_missed_at timestamptz NOT NULL,
  last_missed_at timestamptz NOT NULL,
  opened_at timestamptz NOT NULL,
  reopened_at timestamptz,
  state text NOT NULL CHECK (state IN ('open', 'claimed', 'dialling', 'uncertain', 'closed')),
  attempts integer NOT NULL,
  not_before timestamptz,
  preferred text,
  last_attempt text,
  fence integer NOT NULL,
  lease_seat text,
  lease_operator text,
  lease_until timestamptz,
  renewals integer,
  claim_request text,
  assigned_to text,
  assigned_by text,
  assigned_at timestamptz,
  uncertain_since timestamptz,
  closed text,
  closed_at timestamptz,
  CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
  CHECK (state NOT IN ('claimed', 'dialling') OR lease_until IS NOT NULL)
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX callback_open_number ON callback_task (number_key) WHERE closed_at IS NULL;

CREATE TABLE missed_call (
  original_call_id text PRIMARY KEY,
  kind text NOT NULL,
  number_key text,
  missed_at timestamptz NOT NULL,
  wants text[] NOT NULL,
  enterprise boolean NOT NULL,
  dialect text,
  note text NOT NULL,
  exchange_digest text,
  seat_digest text,
  reported_by text NOT NULL,
  task_id text,
  -- The conversation that made it no missed call.
  covered_by text,
  received_at timestamptz NOT NULL
);
CREATE INDEX missed_call_by_task ON missed_call (task_id) WHERE task_id IS NOT NULL;

CREATE TABLE answered_contact (
  contact_id text PRIMARY KEY,
  number_key text,
  answered_at timestamptz NOT NULL,
  undone boolean NOT NULL DEFAULT false,
  received_at timestamptz NOT NULL
);
CREATE INDEX answered_contact_by_number ON answered_contact (number_key, answered_at);

CREATE TABLE callback_event (
  entry bigint GENERATED ALWAYS AS IDENTITY,
  task_id text NOT NULL,
  at timestamptz NOT NULL,
  kind text NOT NULL,
  from_state text,
  to_state text NOT NULL,
  fence integer NOT NULL,
  seat_id text,
  operator_id text,
  detail text,
  PRIMARY KEY (task_id, entry)
);
-- Rows come in the order of time.
CREATE INDEX callback_event_by_time ON callback_event USING brin (at) WITH (autosummarize = on);
CREATE TRIGGER callback_history_only_grows BEFORE UPDATE OR DELETE ON callback_event
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION callback_claim(
  p_ids text[], p_request text, p_client text, p_seat text, p_operator text, p_employer text, p_branch text, p_skills text[],
  p_lease_seconds integer, p_skill_first_seconds double precision, p_assigned_minutes double precision,
  p_quiet_from integer, p_quiet_to integer, p_excepted text[], p_audit_at timestamptz
) RETURNS TABLE (outcome text, moment timestamptz, task callback_task) LANGUAGE plpgsql AS $$
DECLARE
  v_wanted text;
  v_minute integer;
  v_quiet boolean;
  v_lapsed boolean;
BEGIN
  moment := date_trunc('milliseconds', lease_now());
  v_minute := (floor(extract(epoch FROM moment) / 60)::bigint + 480) % 1440;
  v_quiet := (v_minute - p_quiet_from + 1440) % 1440 < (p_quiet_to - p_quiet_from + 1440) % 1440;

  -- Asked again because the answer was lost.
  SELECT t.* INTO task FROM callback_task t
  WHERE t.task_id = ANY (p_ids) AND t.claim_request = p_request AND t.lease_seat = p_seat
    AND t.state = 'claimed' AND t.lease_until > moment
  LIMIT 1;
  IF FOUND THEN
    outcome := 'granted';
    RETURN NEXT;
    RETURN;
  END IF;

  FOREACH v_wanted IN ARRAY p_ids LOOP
    CONTINUE WHEN v_quiet AND v_wanted <> ALL (p_excepted);
    SELECT t.* INTO task FROM callback_task t
    WHERE t.task_id = v_wanted AND t.dialable
      AND (t.state = 'open' OR t.state = 'claimed' AND t.lease_until <= moment)
      AND (t.branch IS NULL OR t.branch = p_branch)
      AND (t.not_before IS NULL OR t.not_before <= moment)
      AND (t.assigned_to = p_operator AND t.assigned_to IS NOT NULL OR
           (t.assigned_at IS NULL OR t.assigned_at + make_interval(secs => p_assigned_minutes * 60) <= moment)
           AND (cardinality(t.wants) = 0 OR t.wants && p_skills
                OR t.opened_at + make_interval(secs => p_skill_first_seconds) <= moment))
    FOR UPDATE SKIP LOCKED;
    CONTINUE WHEN NOT FOUND;

    v_lapsed := task.state = 'claimed';
    IF v_lapsed THEN
      INSERT INTO callback_event (task_id, at, kind, from_state, to_state, fence, seat_id, operator_id)
      VALUES (v_wanted, moment, 'lease-ended', 'claimed', 'open', task.fence, task.lease_seat, task.lease_operator);
    END IF;
    WITH event AS (
      INSERT INTO callback_event (task_id, at, kind, from_state, to_state, fence, seat_id, operator_id)
      VALUES (v_wanted, moment, 'claimed', 'open', 'claimed', task.fence + 1, p_seat, p_operator)
    ), told AS (
      INSERT INTO change_inbox (kind, subject, branch, written_at) VALUES ('callback', v_wanted, task.branch, p_audit_at)
    ), audited AS (
      INSERT INTO audit (at, client_id, operator_id, employer, action, subject_kind, subject_id, result)
      VALUES (p_audit_at, p_client, p_operator, p_employer, 'callback.claimed', 'callback', v_wanted, 'done')
    )
    UPDATE callback_task t SET
      version = t.version + CASE WHEN v_lapsed THEN 2 ELSE 1 END, state = 'claimed', fence = t.fence + 1,
      lease_seat = p_seat, lease_operator = p_operator, lease_until = moment + make_interval(secs => p_lease_seconds),
      renewals = 0, claim_request = p_request
    WHERE t.task_id = v_wanted RETURNING t.* INTO task;
    outcome := 'granted';
    RETURN NEXT;
    RETURN;
  END LOOP;

  task := NULL;
  outcome := CASE WHEN v_quiet THEN 'quiet' ELSE 'none' END;
  RETURN NEXT;
END $$;
`
