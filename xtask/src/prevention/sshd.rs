//! sshd with log-ins, copies and forwarded ports; and with what a thief leaves in its PAM stack.

use super::service::{Attack, Service};

/// The client, up to where it goes.
macro_rules! client {
    ($program:literal) => {
        concat!(
            $program,
            " -i /root/key -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=3 \
             -o LogLevel=ERROR "
        )
    };
}

pub static SERVICE: Service = Service {
    profile: "sshd",
    executable: &["/usr/sbin/sshd", "/usr/lib/openssh/sshd-session", "/usr/lib/openssh/sshd-auth"],
    setup: r#"
mkdir -p /run/sshd
mount -t tmpfs tmpfs /etc/ssh
mount -t tmpfs -o mode=700 tmpfs /root
mount -t tmpfs tmpfs /var/log
touch /var/log/wtmp /var/log/btmp /var/log/lastlog
cp /usr/bin/touch /tmp/evil
cp /etc/passwd /tmp/passwd
for name in shelled written; do
    echo "$name:x:0:0::/root:/bin/sh" >> /tmp/passwd
    echo "$name:*:1::::::" >> /tmp/shadow
done
mount --bind /tmp/passwd /etc/passwd
cp /etc/pam.d/sshd /tmp/pam
cat >> /tmp/pam <<'END'
session [success=ignore default=1] pam_succeed_if.so quiet user = shelled
session optional pam_exec.so /tmp/evil /tmp/ran
session [success=ignore default=1] pam_succeed_if.so quiet user = written
session optional pam_exec.so log=/var/www/html/page.php /usr/bin/true
END
mount --bind /tmp/pam /etc/pam.d/sshd
ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/ssh_host_ed25519_key
ssh-keygen -q -t ed25519 -N "" -f /root/key
mkdir -m 700 /root/.ssh
cp /root/key.pub /root/.ssh/authorized_keys
cat > /etc/ssh/sshd_config <<'END'
HostKey /etc/ssh/ssh_host_ed25519_key
UsePAM yes
PermitRootLogin prohibit-password
GatewayPorts clientspecified
AllowAgentForwarding yes
Subsystem sftp /usr/lib/openssh/sftp-server
END
"#,
    server: "exec /usr/sbin/sshd -D -e",
    ready: concat!(client!("ssh"), "root@127.0.0.1 true"),
    load: concat!(
        "for i in $(seq 15); do ",
        client!("ssh"),
        "root@127.0.0.1 \"id; date\" | grep -q uid=0 || exit 1; done; ",
        client!("ssh"),
        "-tt root@127.0.0.1 tty | grep -q pts || exit 1; ",
        "eval $(ssh-agent) && ssh-add -q /root/key && ",
        client!("ssh"),
        "-A root@127.0.0.1 ssh-add -l | grep -qi ed25519 || exit 1; kill $SSH_AGENT_PID; ",
        "head -c 3000000 /dev/urandom > /tmp/file; ",
        client!("scp"),
        "/tmp/file root@127.0.0.1:/tmp/one && ",
        client!("scp"),
        "-O root@127.0.0.1:/tmp/one /tmp/two && echo \"put /tmp/two /tmp/three\" | ",
        client!("sftp"),
        "-b - root@127.0.0.1 && cmp /tmp/file /tmp/three && ",
        client!("ssh"),
        "-o ExitOnForwardFailure=yes -R 2022:127.0.0.1:22 -L 2023:127.0.0.1:22 root@127.0.0.1 ",
        "\"ssh-keyscan -p 2022 127.0.0.1 2>/dev/null\" | grep -q ed25519"
    ),
    attacks: &[
        Attack {
            what: "a program out of /tmp at each log-in",
            kind: "run",
            plant: None,
            script: concat!(client!("ssh"), "shelled@127.0.0.1 true; sleep 1; test -e /tmp/ran"),
        },
        Attack {
            what: "a page is written into the web root",
            kind: "write",
            plant: None,
            script: concat!(client!("ssh"), "written@127.0.0.1 true; sleep 1; test -s /var/www/html/page.php"),
        },
        Attack {
            what: "a port is opened to the world",
            kind: "bind",
            plant: None,
            script: concat!(
                client!("timeout 10 ssh"),
                "-o ExitOnForwardFailure=yes -R 0.0.0.0:4444:127.0.0.1:22 root@127.0.0.1 \"echo bound\" | grep -q bound"
            ),
        },
    ],
};
