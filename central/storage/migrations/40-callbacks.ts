export const id = 40

/**
 * Callbacks. Claims go through `callback_claims`: one round trip and one commit for a crowd of them, the plans kept by the session.
 * It does what `claim` of shared/domain/callback-moves.ts does, and a test holds it to that. A claim touches no indexed column, so
 * that its update stays within the page (HOT).
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

-- Claims of several seats, one after the other, in one transaction: a row for each. What none of them can have is looked up once
-- for all; what is given is written once for all.
CREATE FUNCTION callback_claims(
  p_claims text, p_lease_seconds integer, p_skill_first_seconds double precision, p_assigned_minutes double precision,
  p_quiet_from integer, p_quiet_to integer, p_audit_at timestamptz
) RETURNS TABLE (place integer, outcome text, moment timestamptz, task callback_task)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  c record;
  v_now timestamptz := date_trunc('milliseconds', lease_now());
  v_minute integer := (floor(extract(epoch FROM v_now) / 60)::bigint + 480) % 1440;
  v_quiet boolean := (v_minute - p_quiet_from + 1440) % 1440 < (p_quiet_to - p_quiet_from + 1440) % 1440;
  v_free text[];
  v_again text[];
  v_id text;
  v_state text;
  v_lapsed text[] := '{}';
  v_places integer[] := '{}';
  v_ids text[] := '{}';
  v_requests text[] := '{}';
  v_clients text[] := '{}';
  v_seats text[] := '{}';
  v_operators text[] := '{}';
  v_employers text[] := '{}';
BEGIN
  moment := v_now;
  SELECT array_agg(t.task_id) FILTER (WHERE t.state = 'open' OR t.state = 'claimed' AND t.lease_until <= v_now),
         array_agg(t.claim_request) FILTER (WHERE t.state = 'claimed' AND t.lease_until > v_now)
  INTO v_free, v_again
  FROM callback_task t
  WHERE t.dialable AND t.closed_at IS NULL AND t.task_id = ANY (ARRAY(
    SELECT DISTINCT i FROM json_to_recordset(p_claims::json) AS r(ids text[]), unnest(r.ids) AS i));

  FOR c IN
    SELECT * FROM json_to_recordset(p_claims::json) AS r(
      place integer, ids text[], request text, client text, seat text, operator text, employer text, branch text,
      skills text[], excepted text[]) ORDER BY r.place
  LOOP
    place := c.place;
    -- Asked again because the answer was lost.
    IF c.request = ANY (v_again) THEN
      SELECT t.* INTO task FROM callback_task t
      WHERE t.task_id = ANY (c.ids) AND t.claim_request = c.request AND t.lease_seat = c.seat
        AND t.state = 'claimed' AND t.lease_until > v_now
      LIMIT 1;
      IF FOUND THEN
        outcome := 'granted';
        RETURN NEXT;
        CONTINUE;
      END IF;
    END IF;

    outcome := CASE WHEN v_quiet THEN 'quiet' ELSE 'none' END;
    FOREACH v_id IN ARRAY c.ids LOOP
      CONTINUE WHEN v_id = ANY (v_free) IS NOT TRUE OR v_quiet AND v_id <> ALL (c.excepted);
      SELECT t.state INTO v_state FROM callback_task t
      WHERE t.task_id = v_id AND t.dialable
        AND (t.state = 'open' OR t.state = 'claimed' AND t.lease_until <= v_now)
        AND (t.branch IS NULL OR t.branch = c.branch)
        AND (t.not_before IS NULL OR t.not_before <= v_now)
        AND (t.assigned_to = c.operator AND t.assigned_to IS NOT NULL OR
             (t.assigned_at IS NULL OR t.assigned_at + make_interval(secs => p_assigned_minutes * 60) <= v_now)
             AND (cardinality(t.wants) = 0 OR t.wants && c.skills
                  OR t.opened_at + make_interval(secs => p_skill_first_seconds) <= v_now))
      FOR UPDATE SKIP LOCKED;
      CONTINUE WHEN NOT FOUND;
      v_free := array_remove(v_free, v_id);
      IF v_state = 'claimed' THEN
        v_lapsed := v_lapsed || v_id;
      END IF;
      v_places := v_places || c.place;
      v_ids := v_ids || v_id;
      v_requests := v_requests || c.request;
      v_clients := v_clients || c.client;
      v_seats := v_seats || c.seat;
      v_operators := v_operators || c.operator;
      v_employers := v_employers || c.employer;
      outcome := 'granted';
      EXIT;
    END LOOP;
    IF outcome <> 'granted' THEN
      task := NULL;
      RETURN NEXT;
    END IF;
  END LOOP;

  IF cardinality(v_ids) = 0 THEN
    RETURN;
  END IF;
  IF cardinality(v_lapsed) > 0 THEN
    INSERT INTO callback_event (task_id, at, kind, from_state, to_state, fence, seat_id, operator_id)
    SELECT t.task_id, v_now, 'lease-ended', 'claimed', 'open', t.fence, t.lease_seat, t.lease_operator
    FROM callback_task t WHERE t.task_id = ANY (v_lapsed);
  END IF;
  RETURN QUERY
  WITH given AS MATERIALIZED (
    SELECT * FROM unnest(v_places, v_ids, v_requests, v_clients, v_seats, v_operators, v_employers)
      AS g(at_place, id, request, client, seat, operator, employer)
  ), changed AS (
    UPDATE callback_task t SET
      version = t.version + CASE WHEN t.state = 'claimed' THEN 2 ELSE 1 END, state = 'claimed', fence = t.fence + 1,
      lease_seat = g.seat, lease_operator = g.operator, lease_until = v_now + make_interval(secs => p_lease_seconds),
      renewals = 0, claim_request = g.request
    FROM given g WHERE t.task_id = g.id
    RETURNING g.at_place, g.client, g.seat, g.operator, g.employer, t.task_id AS id, t.fence AS new_fence, t.branch AS of_branch,
      t AS whole
  ), event AS (
    INSERT INTO callback_event (task_id, at, kind, from_state, to_state, fence, seat_id, operator_id)
    SELECT id, v_now, 'claimed', 'open', 'claimed', new_fence, seat, operator FROM changed
  ), told AS (
    INSERT INTO change_inbox (kind, subject, branch, written_at) SELECT 'callback', id, of_branch, p_audit_at FROM changed
  ), audited AS (
    INSERT INTO audit (at, client_id, operator_id, employer, action, subject_kind, subject_id, result)
    SELECT p_audit_at, client, operator, employer, 'callback.claimed', 'callback', id, 'done' FROM changed
  )
  SELECT at_place, 'granted', v_now, whole FROM changed;
END $$;
`
