//! PostgreSQL with somebody who is its superuser: programs, files and connections through SQL.

use super::service::{Attack, Service};

pub static SERVICE: Service = Service {
    profile: "postgresql",
    executable: &["/usr/lib/postgresql/*/bin/postgres"],
    setup: r#"
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
mount -t tmpfs tmpfs /var/lib/postgresql
mkdir -p /run/postgresql /var/lib/postgresql/main
chown postgres:postgres /run/postgresql /var/lib/postgresql /var/lib/postgresql/main
setpriv --reuid=postgres --regid=postgres --init-groups $bin/initdb -D /var/lib/postgresql/main -A trust >/dev/null
echo "shared_buffers = 64MB" >> /var/lib/postgresql/main/postgresql.conf
"#,
    server: "cd /var/lib/postgresql; exec setpriv --reuid=postgres --regid=postgres --init-groups \
             $(ls -d /usr/lib/postgresql/*/bin | tail -1)/postgres -D /var/lib/postgresql/main",
    ready: "psql -h 127.0.0.1 -U postgres -c \"select 1\"",
    load: "cd /tmp && PATH=$(ls -d /usr/lib/postgresql/*/bin | tail -1):$PATH && \
           { psql -h 127.0.0.1 -U postgres -c \"create extension if not exists dblink\" postgres && \
             pgbench -h 127.0.0.1 -U postgres -q -i -s 2 postgres && \
             pgbench -h 127.0.0.1 -U postgres -c 4 -T 5 postgres; } 2>/dev/null",
    attacks: &[
        Attack {
            what: "a shell by COPY FROM PROGRAM",
            kind: "run",
            plant: None,
            script: "psql -h 127.0.0.1 -U postgres -At -c \"create temp table t (l text); copy t from program 'echo pwned'; \
                     select l from t\" | grep -q pwned",
        },
        Attack {
            what: "the file of password hashes is read",
            kind: "read",
            plant: None,
            script: "psql -h 127.0.0.1 -U postgres -At -c \"create temp table t (l text); copy t from '/etc/shadow'; \
                     select l from t\" | grep -q ^root:",
        },
        Attack {
            what: "a page is written into the web root",
            kind: "write",
            plant: None,
            script: "psql -h 127.0.0.1 -U postgres -c \"copy (select 'bad') to '/var/www/html/page.php'\"; \
                     test -s /var/www/html/page.php",
        },
        Attack {
            what: "a connection to somewhere else",
            kind: "connect",
            plant: None,
            script: "psql -h 127.0.0.1 -U postgres -c \"select dblink_connect('host=203.0.113.7 port=8081 user=x \
                     dbname=x connect_timeout=3')\"; sleep 1; test -s /tmp/reached",
        },
    ],
};
