//! Logs of other programs under the real agent, with real writers: sshd on loopback that writes to a syslog socket, logger that
//! pretends to be it. What an SSH session runs bears the address that it came from; a forged line is told, and believed by nobody.

use crate::agent::Agent;
use event::Column;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const POLICY: &str =
    "version = 1\n[gate]\nenabled = false\n[ransomware]\nenabled = false\n[scan]\non_exec = false\non_write = false\n";

/// What a syslog daemon does: each datagram is a line of its file, with the host's name behind the time.
fn collect(socket: &Path, file: &Path) {
    let socket_file = UnixDatagram::bind(socket).unwrap();
    fs::set_permissions(socket, fs::Permissions::from_mode(0o666)).unwrap();
    let mut file = fs::File::options().append(true).create(true).open(file).unwrap();
    std::thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(length) = socket_file.recv(&mut buffer) {
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            let text = text.split_once('>').map_or(text.as_str(), |(_, rest)| rest);
            let (stamp, rest) = text.split_at_checked(15).unwrap_or((text, ""));
            let line = format!("{stamp} here{}\n", rest.trim_end_matches(['\n', '\0']));
            if file.write_all(line.as_bytes()).is_err() {
                return;
            }
        }
    });
}

/// sshd in a mount namespace of its own, where /dev/log is our socket.
struct Sshd {
    child: Child,
    port: u16,
    folder: std::path::PathBuf,
}

impl Sshd {
    fn start(folder: &Path, socket: &Path) -> Option<Sshd> {
        if !Path::new("/usr/sbin/sshd").exists() {
            eprintln!("skipped: no sshd here");
            return None;
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        for key in ["host", "user"] {
            let file = folder.join(key);
            let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&file).status();
            assert!(made.unwrap().success());
        }
        fs::copy(folder.join("user.pub"), folder.join("authorized")).unwrap();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {0}/host\nPidFile none\nUsePAM no\nStrictModes no\n\
             PermitRootLogin yes\nPasswordAuthentication no\nAuthorizedKeysFile {0}/authorized\n",
            folder.display()
        );
        fs::write(folder.join("sshd_config"), config).unwrap();
        let script = format!(
            "set -e\nmkdir -p {0}/dev/pts\nfor n in null zero urandom random tty ptmx; do touch {0}/dev/$n; mount --bind /dev/$n {0}/dev/$n; done\n\
             mount --bind /dev/pts {0}/dev/pts\ntouch {0}/dev/log\nmount --bind {1} {0}/dev/log\nmount --rbind {0}/dev /dev\n\
             mount -t tmpfs none /run\nmkdir /run/sshd\nexec /usr/sbin/sshd -D -f {0}/sshd_config\n",
            folder.display(),
            socket.display()
        );
        let child = Command::new("unshare").args(["-m", "sh", "-c", &script]).stdin(Stdio::null()).spawn().unwrap();
        let end = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < end, "sshd does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(Sshd { child, port, folder: folder.to_owned() })
    }

    fn run(&self, command: &str) {
        let options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "BatchMode=yes", "LogLevel=ERROR"];
        let mut ssh = Command::new("ssh");
        ssh.args(options.iter().flat_map(|option| ["-o", option])).arg("-i").arg(self.folder.join("user"));
        ssh.args(["-F", "none", "-p", &self.port.to_string(), "root@127.0.0.1", command]).stdin(Stdio::null());
        assert!(ssh.status().unwrap().success(), "{command}");
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_log_in_over_ssh_gives_its_address_to_what_it_leads_to_and_a_forged_line_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (socket, log) = (at("log.sock"), at("auth.log"));
    collect(&socket, &log);
    let Some(sshd) = Sshd::start(folder.path(), &socket) else { return };
    let config = format!(
        "content = []\n[logs]\njournal = []\nauth = [{log:?}]\nsystem = []\naudit = []\naudit_socket = \"\"\nweb = [{:?}]\n\
         docker = \"\"\ncontainerd = \"\"\nprograms = {{}}\n",
        at("access.log")
    );
    let mut agent = Agent::configured(folder.path(), POLICY, &config);
    let taken = |agent: &Agent, path: &Path| agent.json(&["status"])["logs"][path.to_str().unwrap()]["taken"].as_u64();
    agent.until("the log is followed", |agent| {
        agent.json(&["status"])["logs"][log.to_str().unwrap()]["state"] == "followed"
    });
    // What sshd said before anybody followed is not read.
    let lines = || fs::read_to_string(&log).unwrap().lines().count() as u64;
    let before = lines() - taken(&agent, &log).unwrap();
    // Long enough that its log-in is read while it runs; what it starts then bears the address.
    sshd.run("sleep 2; /usr/bin/id -u; /usr/bin/env | /usr/bin/wc -l");
    let forged = "Accepted password for root from 203.0.113.66 port 1 ssh2";
    let logger = Command::new("logger").arg("-u").arg(&socket).args(["-t", "sshd", "-i", forged]).status();
    assert!(logger.unwrap().success());
    fs::write(
        at("access.log"),
        "203.0.113.9 - - [03/Mar/2026:10:00:00 +0000] \"GET /?x=%27 HTTP/1.1\" 500 12 \"-\" \"\u{1b}[2Jbad\"\n",
    )
    .unwrap();
    // The pid of the true sshd, and more lines than one by a line break: who reads the file cannot tell them from sshd's own.
    let listener = sshd.child.id();
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = event::Timestamp(since.as_nanos() as i64).to_string();
    let line =
        |at: &str, ip: &str| format!("{at} here sshd[{listener}]: Accepted password for root from {ip} port 9 ssh2");
    let message = format!(
        "<38>Mar  3 10:00:00 app[7]: hello \u{1b}]0;gone\u{7}\n{}\n{}",
        line(&now, "203.0.113.67"),
        line("2099-01-01T00:00:00.000000+00:00", "203.0.113.68")
    );
    UnixDatagram::unbound().unwrap().send_to(message.as_bytes(), &socket).unwrap();
    let all_read = |agent: &Agent| {
        let text = fs::read_to_string(&log).unwrap();
        let written = ["203.0.113.66", "203.0.113.68"].iter().all(|ip| text.contains(ip));
        written && taken(agent, &log) == Some(lines() - before)
    };
    agent.until("the forged lines and the request are read", |agent| {
        all_read(agent) && taken(agent, &at("access.log")) == Some(1)
    });
    // Sessions of the sshd whose pid the lines bore come from where they come from.
    sshd.run("sleep 2; /usr/bin/id -g");
    agent.until("the second log-in is read", all_read);
    agent.until("the alert is told", |agent| {
        agent.json(&["status"])["alerts"].as_u64().is_some_and(|alerts| alerts >= 1)
    });
    agent.stop();
    let rows = agent.rows();
    let of = |action: &str| {
        rows.iter().filter(|row| row.text(Column::Action).as_deref() == Some(action)).collect::<Vec<_>>()
    };
    let log_ins = of("user-login");
    let by_writer = |writer: &str| {
        log_ins
            .iter()
            .find(|row| row.labels["log_writer"] == writer)
            .unwrap_or_else(|| panic!("{writer}: {log_ins:#?}"))
    };
    assert_eq!(by_writer("confirmed").text(Column::SourceIp).unwrap(), "127.0.0.1");
    assert_eq!(by_writer("confirmed").text(Column::Outcome).unwrap(), "success");
    assert_eq!(by_writer("other").text(Column::SourceIp).unwrap(), "203.0.113.66");
    let started = of("process-exec");
    let id =
        started.iter().find(|row| row.text(Column::ProcessCommandLine).as_deref() == Some("/usr/bin/id -u")).unwrap();
    assert_eq!(id.labels.get("login_source_ip").map(String::as_str), Some("127.0.0.1"), "{id:#?}");
    let second =
        started.iter().find(|row| row.text(Column::ProcessCommandLine).as_deref() == Some("/usr/bin/id -g")).unwrap();
    assert_eq!(second.labels.get("login_source_ip").map(String::as_str), Some("127.0.0.1"), "{second:#?}");
    let framed = |row: &event::Row| row.labels.get("login_source_ip").is_some_and(|ip| ip.starts_with("203.0.113."));
    assert!(!rows.iter().any(framed), "nobody believes a forged address");
    let named = |ip: &str| log_ins.iter().find(|row| row.text(Column::SourceIp).as_deref() == Some(ip)).unwrap();
    for ip in ["203.0.113.67", "203.0.113.68"] {
        assert_eq!(named(ip).labels["log_writer"], "unknown", "no such connection was seen");
    }
    // What the line claims stands beside when it was read.
    let lies = named("203.0.113.68");
    assert!(lies.labels["log_time"].starts_with("2099-01-01T"), "{lies:#?}");
    assert!(!lies.text(Column::Time).unwrap().starts_with("2099"), "{lies:#?}");
    assert_eq!(of("web-request")[0].labels["http_response_status_code"], "500");
    let alerts = agent.alerts();
    let told = alerts.iter().find(|alert| alert.findings.iter().any(|f| f.rule_id.as_str() == "behaviour.log-forged"));
    // The pid in the line is logger's here; but whoever writes a line chooses it, so that nobody is blamed.
    assert!(told.is_some_and(|alert| alert.lineage.is_empty()), "{alerts:#?}");
}

const AUDITED: &str = concat!(
    "type=SYSCALL msg=audit(1700000000.200:46): arch=c000003e syscall=257 success=yes pid=4 exe=\"/usr/bin/cat\" key=\"secrets\"\n",
    "type=PATH msg=audit(1700000000.200:46): item=0 name=\"/etc/shadow\"\n",
    "type=PROCTITLE msg=audit(1700000000.200:46): proctitle=\"cat\"\ntype=EOE msg=audit(1700000000.200:46): \n",
    // No key: it passes, unless a rule asks for it.
    "type=SYSCALL msg=audit(1700000000.300:47): arch=c000003e syscall=59 success=yes pid=5 exe=\"/usr/bin/tar\" key=(null)\n",
    "type=EXECVE msg=audit(1700000000.300:47): argc=2 a0=\"tar\" a1=\"--marked-audit\"\n",
    "type=PROCTITLE msg=audit(1700000000.300:47): proctitle=\"tar\"\ntype=EOE msg=audit(1700000000.300:47): \n",
    "type=SYSCALL msg=audit(1700000000.400:48): arch=c000003e syscall=59 success=yes pid=6 exe=\"/usr/bin/id\" key=(null)\n",
    "type=PROCTITLE msg=audit(1700000000.400:48): proctitle=\"id\"\n",
);

fn rule(number: u32, source: &str, detection: &str) -> String {
    format!(
        "title: rule {number}\nid: 6a7f2d0e-8a3c-4c6b-9f0e-0d8f3b1f2a{number}\nlogsource: {{product: linux{source}}}\n\
         detection: {{a: {detection}, condition: a}}\nlevel: medium\ntags: [attack.t1059]\n"
    )
}

/// auditd's dispatcher as its plugin `af_unix` speaks, its log with the same records, a system log and a program's own.
#[test]
fn the_dispatcher_and_the_log_tell_a_record_once_and_other_lines_pass_to_the_rules_of_their_service() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (socket, audit, syslog, own) = (at("audispd"), at("audit.log"), at("syslog"), at("vsftpd.log"));
    let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let content = at("content/sigma");
    fs::create_dir_all(&content).unwrap();
    for (number, source, detection) in [
        (11, ", service: named", "['denied AXFR']"),
        (12, ", service: sshd", "['denied AXFR']"),
        (13, ", service: vsftpd", "['too many sessions']"),
        (14, ", service: auditd", "{type: EXECVE, a1: --marked-audit, SYSCALL: execve}"),
        (15, "", "['entered promiscuous mode']"),
    ] {
        fs::write(content.join(format!("{number}.yml")), rule(number, source, detection)).unwrap();
    }
    let config = format!(
        "content = [{:?}]\n[logs]\njournal = []\nauth = []\nsystem = [{syslog:?}]\naudit = [{audit:?}]\n\
         audit_socket = {socket:?}\nweb = []\ndocker = \"\"\ncontainerd = \"\"\nprograms = {{ vsftpd = {own:?} }}\n",
        at("content")
    );
    let mut agent = Agent::configured(folder.path(), POLICY, &config);
    let (mut dispatcher, _) = listener.accept().unwrap();
    agent.until("the dispatcher is followed", |agent| {
        agent.json(&["status"])["logs"]["auditd's dispatcher"]["state"] == "followed"
    });
    dispatcher.write_all(AUDITED.as_bytes()).unwrap();
    agent.until("its records are taken", |agent| agent.json(&["status"])["logs"]["auditd's dispatcher"]["taken"] == 3);
    fs::write(&audit, AUDITED).unwrap();
    fs::write(
        &syslog,
        "Mar  3 10:00:00 here named[7]: client 203.0.113.9: denied AXFR from there\n\
         Mar  3 10:00:01 here named[7]: zone loaded\n\
         Mar  3 10:00:02 here kernel: [1.5] eth0: entered promiscuous mode\n",
    )
    .unwrap();
    fs::write(&own, "[pid 2] Connection refused: too many sessions for this address.\n[pid 3] CONNECT: Client\n")
        .unwrap();
    agent.until("all lines are read", |agent| {
        let status = agent.json(&["status"]);
        let lines = |path: &Path| status["logs"][path.to_str().unwrap()]["lines"].as_u64().unwrap_or(0);
        // Of the dispatcher one plain call; one line of each text log.
        lines(&audit) == 10 && lines(&syslog) == 3 && lines(&own) == 2 && status["stages"]["passed"] == 3
    });
    agent.stop();
    let rows = agent.rows();
    let told = |action: &str| -> Vec<(&str, &str)> {
        let of = rows.iter().filter(|row| row.text(Column::Action).as_deref() == Some(action));
        let mut told: Vec<_> = of
            .map(|row| {
                let rule = row.labels.get("rule_name").map_or("", String::as_str);
                (row.labels.get("log_program").map_or("", String::as_str), rule)
            })
            .collect();
        told.sort_unstable();
        told
    };
    assert_eq!(
        told("audit-record").iter().map(|(program, _)| *program).collect::<Vec<_>>(),
        ["cat", "tar"],
        "{rows:#?}"
    );
    let texts: Vec<&str> = told("log-message").iter().map(|(program, _)| *program).collect();
    assert_eq!(texts, ["kernel", "named", "vsftpd"]);
    // Of what logs say: the sensor sees the whole host, with all that other tests play on it.
    let of_a_log = |alert: &event::Alert| {
        ["audit-record", "log-message"].contains(&alert.event.text(Column::Action).unwrap_or_default().as_ref())
    };
    let mut names: Vec<String> = agent.alerts().into_iter().filter(of_a_log).map(|alert| alert.title).collect();
    names.sort();
    assert_eq!(names, ["rule 11", "rule 13", "rule 14", "rule 15"]);
}
