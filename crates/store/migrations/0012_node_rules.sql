-- Sigma rules and indicators that were added on the node: held to every event that arrives, and once to the stored history.
CREATE TABLE node_rules (
    tenant   TEXT NOT NULL REFERENCES tenants (id),
    name     TEXT NOT NULL,
    kind     TEXT NOT NULL,
    text     TEXT NOT NULL,
    added    BIGINT NOT NULL,
    added_by TEXT NOT NULL,
    history  TEXT NOT NULL,
    PRIMARY KEY (tenant, name)
);
