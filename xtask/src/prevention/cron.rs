//! cron with jobs of the system and of a user; and with what a thief leaves in a table and in its PAM stack.

use super::service::{Attack, Service};

pub static SERVICE: Service = Service {
    profile: "cron",
    executable: &["/usr/sbin/cron"],
    setup: r#"
mount -t tmpfs tmpfs /etc/cron.d
mount -t tmpfs tmpfs /var/spool/cron
mkdir -m 1730 /var/spool/cron/crontabs
chgrp crontab /var/spool/cron/crontabs
cp /bin/dash /tmp/evil
for name in www-data games; do
    echo "$name:*:1::::::" >> /tmp/shadow
done
cat > /tmp/crontab <<'END'
SHELL=/bin/sh
PATH=/usr/sbin:/usr/bin:/sbin:/bin
@reboot root touch /tmp/booted
* * * * * root date >> /tmp/minute
END
mount --bind /tmp/crontab /etc/crontab
echo '* * * * * id > /tmp/minute-of-user' | crontab -u www-data -
cp /etc/pam.d/cron /tmp/pam
cat >> /tmp/pam <<'END'
session [success=ignore default=1] pam_succeed_if.so quiet user = games
session optional pam_exec.so log=/var/www/html/page.php /usr/bin/true
END
mount --bind /tmp/pam /etc/pam.d/cron
"#,
    server: "rm -f /run/crond.reboot /tmp/booted; exec /usr/sbin/cron -f",
    ready: "test -e /tmp/booted",
    // It looks at the beginning of each minute.
    load: "for i in $(seq 75); do test -s /tmp/minute && test -s /tmp/minute-of-user && exit 0; sleep 1; done; exit 1",
    attacks: &[
        Attack {
            what: "a job whose shell is a program out of /tmp",
            kind: "run",
            plant: Some("printf \"SHELL=/tmp/evil\\n@reboot root touch /tmp/ran\\n\" > /etc/cron.d/planted"),
            script: "sleep 2; test -e /tmp/ran",
        },
        Attack {
            what: "a page is written into the web root",
            kind: "write",
            plant: Some("rm /etc/cron.d/planted; echo \"@reboot games true\" > /etc/cron.d/written"),
            script: "sleep 2; test -s /var/www/html/page.php",
        },
    ],
};
