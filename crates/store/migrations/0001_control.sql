-- Control data. Written so that SQLite and PostgreSQL both run it: times are nanoseconds since the epoch, JSON is text,
-- counters are rows. What only one of the two can say stands in code (control/open.rs).

CREATE TABLE tenants (
    id      TEXT PRIMARY KEY,
    name    TEXT NOT NULL,
    created BIGINT NOT NULL
);

CREATE TABLE counters (
    name  TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);

CREATE TABLE settings (
    tenant TEXT NOT NULL REFERENCES tenants (id),
    name   TEXT NOT NULL,
    value  TEXT NOT NULL,
    PRIMARY KEY (tenant, name)
);

CREATE TABLE hosts (
    tenant     TEXT NOT NULL REFERENCES tenants (id),
    id         TEXT NOT NULL,
    agent      TEXT NOT NULL,
    name       TEXT NOT NULL,
    tier       TEXT NOT NULL,
    status     TEXT NOT NULL,
    facts      TEXT NOT NULL,
    first_seen BIGINT NOT NULL,
    last_seen  BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE agents (
    id             TEXT PRIMARY KEY,
    tenant         TEXT NOT NULL REFERENCES tenants (id),
    host           TEXT NOT NULL,
    fingerprint    TEXT NOT NULL UNIQUE,
    serial         TEXT NOT NULL,
    enrolled       BIGINT NOT NULL,
    expires        BIGINT NOT NULL,
    revoked        BIGINT,
    revoked_reason TEXT
);
CREATE INDEX agents_by_serial ON agents (serial);

CREATE TABLE enrolment_tokens (
    hash       TEXT PRIMARY KEY,
    tenant     TEXT NOT NULL REFERENCES tenants (id),
    note       TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created    BIGINT NOT NULL,
    expires    BIGINT NOT NULL,
    used_at    BIGINT,
    used_by    TEXT
);

CREATE TABLE users (
    name          TEXT PRIMARY KEY,
    tenant        TEXT NOT NULL REFERENCES tenants (id),
    password_hash TEXT NOT NULL,
    role          TEXT NOT NULL,
    language      TEXT NOT NULL,
    created       BIGINT NOT NULL,
    disabled      BIGINT
);

CREATE TABLE sessions (
    hash      TEXT PRIMARY KEY,
    user_name TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
    created   BIGINT NOT NULL,
    expires   BIGINT NOT NULL
);
CREATE INDEX sessions_by_expiry ON sessions (expires);

CREATE TABLE incidents (
    tenant     TEXT NOT NULL REFERENCES tenants (id),
    id         TEXT NOT NULL,
    title      TEXT NOT NULL,
    status     TEXT NOT NULL,
    severity   INTEGER NOT NULL,
    first_seen BIGINT NOT NULL,
    last_seen  BIGINT NOT NULL,
    updated    BIGINT NOT NULL,
    json       TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX incidents_by_time ON incidents (tenant, last_seen);

CREATE TABLE alerts (
    tenant   TEXT NOT NULL REFERENCES tenants (id),
    id       TEXT NOT NULL,
    time     BIGINT NOT NULL,
    received BIGINT NOT NULL,
    severity INTEGER NOT NULL,
    host     TEXT NOT NULL,
    incident TEXT,
    title    TEXT NOT NULL,
    json     TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX alerts_by_time ON alerts (tenant, time, id);
CREATE INDEX alerts_by_incident ON alerts (tenant, incident, time);
CREATE INDEX alerts_by_host ON alerts (tenant, host, time);

CREATE TABLE commands (
    id        TEXT PRIMARY KEY,
    tenant    TEXT NOT NULL REFERENCES tenants (id),
    agent     TEXT NOT NULL,
    kind      TEXT NOT NULL,
    json      TEXT NOT NULL,
    state     TEXT NOT NULL,
    issued_by TEXT NOT NULL,
    reason    TEXT NOT NULL,
    created   BIGINT NOT NULL,
    expires   BIGINT NOT NULL,
    sent      BIGINT,
    finished  BIGINT,
    result    TEXT
);
CREATE INDEX commands_by_agent ON commands (agent, state, created);
CREATE INDEX commands_by_time ON commands (tenant, created);

CREATE TABLE audit (
    sequence BIGINT PRIMARY KEY,
    tenant   TEXT NOT NULL,
    time     BIGINT NOT NULL,
    actor    TEXT NOT NULL,
    action   TEXT NOT NULL,
    target   TEXT NOT NULL,
    detail   TEXT NOT NULL
);
CREATE INDEX audit_by_tenant ON audit (tenant, sequence);

-- The event store's list of segments and how far its log has been written into them, changed in one transaction.
CREATE TABLE segments (
    file           TEXT PRIMARY KEY,
    tenant         TEXT NOT NULL,
    day            BIGINT NOT NULL,
    row_count      BIGINT NOT NULL,
    bytes          BIGINT NOT NULL,
    min_time       BIGINT NOT NULL,
    max_time       BIGINT NOT NULL,
    min_sequence   BIGINT NOT NULL,
    max_sequence   BIGINT NOT NULL,
    min_host       TEXT NOT NULL,
    max_host       TEXT NOT NULL
);

CREATE TABLE event_progress (
    agent  TEXT NOT NULL,
    epoch  TEXT NOT NULL,
    ranges TEXT NOT NULL,
    seen   BIGINT NOT NULL,
    PRIMARY KEY (agent, epoch)
);

CREATE TABLE event_log (
    name  TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
