"""The statements by which jobs are asked for, taken and settled."""

from __future__ import annotations

__all__ = [
    "BURY",
    "CANCEL",
    "CONCLUDE",
    "COUNTS",
    "ENDED",
    "ENQUEUE",
    "EXTEND",
    "FINISH",
    "FORGET",
    "GET",
    "HAND_BACK",
    "HOLD",
    "LIVE",
    "POSTPONE",
    "RECORD",
    "REVIVE",
    "TAKE",
    "TICK",
]

LIVE = "unique_key IS NOT NULL AND state IN ('WAITING', 'RUNNING')"

# DO UPDATE and not DO NOTHING: it locks the job that was there. One that waits is passed over
# by takers until this unit ends, and so sees what it did; one that runs is marked to be run
# again. In order of their keys, so that two units never wait for each other here.
ENQUEUE = f"""
    INSERT INTO jobs AS job (id, type, state, payload, unique_key, asked_at, run_at,
        correlation_id, trace_context, asked_patiently)
    SELECT id, type, 'WAITING', payload::jsonb, unique_key, $8, run_at, correlation_id,
        trace_context, patient
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[],
        $7::text[], $9::boolean[])
        AS asked (id, type, payload, unique_key, run_at, correlation_id, trace_context, patient)
    ORDER BY type, unique_key, id
    ON CONFLICT (type, unique_key) WHERE {LIVE} DO UPDATE SET
        asked_again_by = CASE WHEN job.state = 'RUNNING' THEN excluded.correlation_id END,
        asked_patiently = excluded.asked_patiently
            AND (job.asked_again_by IS NULL OR job.asked_patiently),
        trace_context = CASE WHEN job.state = 'RUNNING' THEN excluded.trace_context
            ELSE job.trace_context END,
        run_at = CASE WHEN job.state = 'WAITING' AND job.attempts = 0
            THEN least(job.run_at, excluded.run_at) ELSE job.run_at END
"""  # noqa: S608 - constants

_HELD = "WHERE id = $1 AND lease = $2 AND state = 'RUNNING'"

HOLD = f"""
    SELECT asked_again_by IS NOT NULL AND NOT asked_patiently AS begins_anew
    FROM jobs {_HELD}
    FOR NO KEY UPDATE
"""  # noqa: S608 - constants

# What comes next is done in the name of whoever asked while it ran; their trace stands there since.
_NAMED_ANEW = """
    correlation_id = coalesce(asked_again_by, correlation_id),
    asked_again_by = NULL,
    asked_patiently = false
"""

# The commit does not wait for the disk. Where PostgreSQL crashes before it is there, the job is
# its worker's until the lease runs out, and is then run again.
_NEED_NOT_LAST = "set_config('synchronous_commit', 'off', true)"

# What was asked for while it ran waits again, as new.
_ENDED_OR_ASKED_AGAIN = f"""
    state = CASE WHEN asked_again_by IS NULL THEN $4 ELSE 'WAITING' END,
    ended_at = CASE WHEN asked_again_by IS NULL THEN $3::timestamptz END,
    attempts = CASE WHEN asked_again_by IS NULL THEN attempts ELSE 0 END,
    run_at = CASE WHEN asked_again_by IS NULL THEN run_at ELSE $3::timestamptz END,
    leased_until = NULL,
    {_NAMED_ANEW}
"""

FINISH = f"""
    UPDATE jobs SET {_ENDED_OR_ASKED_AGAIN}, result = $5::jsonb, last_error = NULL {_HELD}
    RETURNING id"""  # noqa: S608 - constants

CONCLUDE = f"{FINISH}, {_NEED_NOT_LAST}"

BURY = f"UPDATE jobs SET {_ENDED_OR_ASKED_AGAIN}, last_error = $5 {_HELD}"  # noqa: S608 - constants

POSTPONE = f"""
    UPDATE jobs SET state = 'WAITING', run_at = $3, last_error = $4, leased_until = NULL,
        {_NAMED_ANEW}
    {_HELD}
    RETURNING {_NEED_NOT_LAST}
"""  # noqa: S608 - constants

HAND_BACK = f"""
    UPDATE jobs SET state = 'WAITING', attempts = attempts - 1, leased_until = NULL,
        {_NAMED_ANEW}
    {_HELD}
    RETURNING {_NEED_NOT_LAST}
"""  # noqa: S608 - constants

# Each type is looked up by itself in the index of what is due, and no further than is needed:
# what waits for later or belongs to other types costs nothing. Types whose queue stands still are
# left out in the same look. A row that another worker has
# taken since this statement began is looked at again once it is locked, and is not due then.
TAKE = f"""
    WITH open AS MATERIALIZED (
        SELECT type, place
        FROM unnest($1::text[], $6::text[]) WITH ORDINALITY AS wanted (type, queue, place)
        WHERE queue IS NULL
            OR queue <> ALL (ARRAY(SELECT paused.queue FROM paused_job_queues AS paused))
    ),
    lost AS MATERIALIZED (
        SELECT id FROM jobs
        WHERE state = 'RUNNING' AND leased_until <= $2 AND type IN (SELECT type FROM open)
        ORDER BY leased_until
        LIMIT $4
        FOR UPDATE SKIP LOCKED
    ),
    due AS MATERIALIZED (
        SELECT found.id FROM (SELECT type FROM open ORDER BY place) AS wanted
        CROSS JOIN LATERAL (
            SELECT id FROM jobs
            WHERE state = 'WAITING' AND type = wanted.type AND run_at <= $2
            ORDER BY run_at, id
            LIMIT $4
            FOR UPDATE SKIP LOCKED
        ) AS found
        LIMIT greatest($4 - (SELECT count(*) FROM lost), 0)
    )
    UPDATE jobs AS job SET state = 'RUNNING', attempts = attempts + 1, lease = lease + 1,
        taken_at = $2, leased_until = $3, worker = $5, {_NAMED_ANEW}
    FROM (SELECT id FROM lost UNION ALL SELECT id FROM due) AS picked
    WHERE job.id = picked.id
    RETURNING job.id, job.lease, job.type, job.payload, job.attempts, job.correlation_id,
        job.trace_context
"""  # noqa: S608 - constants

# Rows that a unit holds at this moment are passed over: it is about to commit, and the next
# beat comes long before the lease runs out. To wait for them could be a deadlock.
EXTEND = f"""
    WITH ours AS MATERIALIZED (
        SELECT job.id FROM jobs AS job
        JOIN unnest($1::uuid[], $2::bigint[]) AS mine (id, lease)
            ON job.id = mine.id AND job.lease = mine.lease
        WHERE job.state = 'RUNNING'
        FOR UPDATE OF job SKIP LOCKED
    ),
    extended AS (
        UPDATE jobs AS job SET leased_until = $3 FROM ours WHERE job.id = ours.id
        RETURNING {_NEED_NOT_LAST}
    )
    SELECT mine.id, mine.lease FROM unnest($1::uuid[], $2::bigint[]) AS mine (id, lease)
    WHERE NOT EXISTS (
        SELECT FROM jobs AS job
        WHERE job.id = mine.id AND job.lease = mine.lease AND job.state = 'RUNNING'
    )
"""  # noqa: S608 - constants

TICK = """
    INSERT INTO job_ticks AS known (schedule, last_at) VALUES ($1, $2)
    ON CONFLICT (schedule) DO UPDATE SET last_at = $2 WHERE known.last_at < $2
    RETURNING last_at
"""

RECORD = """
    id, type, state, payload, unique_key, attempts, asked_at, run_at, taken_at, ended_at, worker,
    result, last_error, correlation_id
"""

GET = f"SELECT {RECORD} FROM jobs WHERE id = $1"  # noqa: S608 - constants

ENDED = f"""
    SELECT {RECORD} FROM jobs
    WHERE state = $1 AND ended_at IS NOT NULL AND ended_at < coalesce($3, 'infinity'::timestamptz)
    ORDER BY ended_at DESC, id DESC
    LIMIT $2
"""  # noqa: S608 - constants

# Taken away and put in again, so that a live job of the same key, or another that is revived,
# does for it. In order of their ids, so that two who choose the same never wait for each other.
REVIVE = f"""
    WITH found AS MATERIALIZED (
        SELECT id FROM jobs WHERE id = ANY ($1::uuid[]) AND state = 'DEAD'
        ORDER BY id
        FOR UPDATE
    ),
    dead AS (
        DELETE FROM jobs USING found WHERE jobs.id = found.id RETURNING jobs.*
    ),
    alive AS (
        INSERT INTO jobs (id, type, state, payload, unique_key, lease, asked_at, run_at, taken_at,
            worker, correlation_id, trace_context)
        SELECT id, type, 'WAITING', payload, unique_key, lease, asked_at, $2, taken_at, worker,
            correlation_id, trace_context
        FROM dead
        ORDER BY type, unique_key, id
        ON CONFLICT (type, unique_key) WHERE {LIVE} DO NOTHING
    )
    SELECT id FROM dead
"""  # noqa: S608 - constants

CANCEL = """
    WITH found AS MATERIALIZED (
        SELECT id, state FROM jobs WHERE id = ANY ($1::uuid[]) AND state = ANY ($3::text[])
        ORDER BY id
        FOR UPDATE
    )
    UPDATE jobs SET state = 'CANCELLED', ended_at = $2, leased_until = NULL, asked_again_by = NULL
    FROM found WHERE jobs.id = found.id
    RETURNING jobs.id, found.state AS before
"""

# Counted so far and no further: to count a million rows takes as long as reading them.
COUNTS = """
    SELECT wanted.type, waiting.number AS waiting, running.number AS running,
        dead.number AS dead, due.since
    FROM unnest($1::text[]) AS wanted (type)
    CROSS JOIN LATERAL (
        SELECT count(*) AS number FROM (
            SELECT FROM jobs AS one WHERE one.state = 'WAITING' AND one.type = wanted.type LIMIT $2
        ) AS counted
    ) AS waiting
    CROSS JOIN LATERAL (
        SELECT count(*) AS number FROM (
            SELECT FROM jobs AS one WHERE one.state = 'RUNNING' AND one.type = wanted.type LIMIT $2
        ) AS counted
    ) AS running
    CROSS JOIN LATERAL (
        SELECT count(*) AS number FROM (
            SELECT FROM jobs AS one WHERE one.state = 'DEAD' AND one.type = wanted.type LIMIT $2
        ) AS counted
    ) AS dead
    CROSS JOIN LATERAL (
        SELECT min(one.run_at) AS since FROM jobs AS one
        WHERE one.state = 'WAITING' AND one.type = wanted.type
    ) AS due
"""

FORGET = """
    WITH over AS MATERIALIZED (
        SELECT id FROM jobs
        WHERE state IN ('DONE', 'CANCELLED') AND ended_at IS NOT NULL AND ended_at < $1
        LIMIT $3
        FOR UPDATE SKIP LOCKED
    ),
    dead AS MATERIALIZED (
        SELECT id FROM jobs WHERE state = 'DEAD' AND ended_at IS NOT NULL AND ended_at < $2
        LIMIT $3
        FOR UPDATE SKIP LOCKED
    )
    DELETE FROM jobs USING (SELECT id FROM over UNION ALL SELECT id FROM dead) AS gone
    WHERE jobs.id = gone.id
    RETURNING jobs.id
"""
