-- What the node asked by itself about an incident, as JSON; the latest only.
CREATE TABLE investigations (
    tenant      TEXT NOT NULL REFERENCES tenants (id),
    incident    TEXT NOT NULL,
    finished    BIGINT NOT NULL,
    alert_count BIGINT NOT NULL,
    json        TEXT NOT NULL,
    PRIMARY KEY (tenant, incident)
);

-- Files that were taken from a host into a case: what was said of each as JSON, and its content in hex where it was asked for.
CREATE TABLE case_files (
    tenant   TEXT NOT NULL REFERENCES tenants (id),
    incident TEXT NOT NULL,
    number   BIGINT NOT NULL,
    json     TEXT NOT NULL,
    content  TEXT NOT NULL,
    PRIMARY KEY (tenant, incident, number)
);
