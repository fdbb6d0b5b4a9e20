-- What each rule on the node said before: who changed it, when and why. Taking it off is a version without a text.
CREATE TABLE node_rule_versions (
    tenant  TEXT NOT NULL REFERENCES tenants (id),
    name    TEXT NOT NULL,
    version BIGINT NOT NULL,
    text    TEXT NOT NULL,
    time    BIGINT NOT NULL,
    by_whom TEXT NOT NULL,
    reason  TEXT NOT NULL,
    removed BIGINT NOT NULL,
    PRIMARY KEY (tenant, name, version)
);
INSERT INTO node_rule_versions (tenant, name, version, text, time, by_whom, reason, removed)
    SELECT tenant, name, 1, text, added, added_by, '', 0 FROM node_rules;
