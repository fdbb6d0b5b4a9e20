-- What people have learned about rules. An alert that was silenced names what silenced it; each alert's rules stand apart, so
-- that a rule's history can be counted.
ALTER TABLE alerts ADD COLUMN suppression TEXT;
ALTER TABLE incidents ADD COLUMN disposition TEXT;

CREATE TABLE alert_rules (
    tenant TEXT NOT NULL REFERENCES tenants (id),
    rule   TEXT NOT NULL,
    alert  TEXT NOT NULL,
    title  TEXT NOT NULL,
    PRIMARY KEY (tenant, rule, alert)
);

CREATE TABLE suppressions (
    tenant TEXT NOT NULL REFERENCES tenants (id),
    id     TEXT NOT NULL,
    state  TEXT NOT NULL,
    json   TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);
