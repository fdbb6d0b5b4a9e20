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
        "content = []\n[logs]\njournal = []\nauth = [{log:?}]\naudit = []\nweb = [{:?}]\ndocker = \"\"\ncontainerd = \"\"\n",
        at("access.log")
    );
    let mut agent = Agent::configured(folder.path(), POLICY, &config);
    let taken = |agent: &Agent, path: &Path| agent.json(&["status"])["logs"][path.to_str().unwrap()]["taken"].as_u64();
    agent.until("the log is followed", |agent| {
        agent.json(&["status"])["logs"][log.to_str().unwrap()]["state"] == "followed"
    });
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
    agent.until("the forged line and the request are read", |agent| {
        taken(agent, &log).is_some_and(|taken| taken >= 3) && taken(agent, &at("access.log")) == Some(1)
    });
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
    let anywhere = |row: &&event::Row| row.labels.get("login_source_ip").is_some_and(|ip| ip == "203.0.113.66");
    assert!(!rows.iter().any(|row| anywhere(&row)), "nobody believes the forged address");
    assert_eq!(of("web-request")[0].labels["http_response_status_code"], "500");
    let alerts = agent.alerts();
    let told = alerts.iter().find(|alert| alert.findings.iter().any(|f| f.rule_id.as_str() == "behaviour.log-forged"));
    assert!(told.is_some_and(|alert| alert.lineage[0].name == "logger"), "{alerts:#?}");
}
