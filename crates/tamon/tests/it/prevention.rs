//! A profile under the real agent, from what is seen to what is refused: a copy of bash in a folder of its own is the service,
//! so nobody else on this host is concerned.

use crate::agent::Agent;
use crate::{code, document, path, tamon, text};
use event::{Alert, OutcomeStatus};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

struct Service {
    folder: PathBuf,
}

impl Service {
    fn new(folder: &Path) -> Service {
        let folder = folder.canonicalize().unwrap();
        fs::create_dir_all(folder.join("data")).unwrap();
        fs::copy("/bin/bash", folder.join("service")).unwrap();
        fs::write(folder.join("secret"), "the secret\n").unwrap();
        fs::write(folder.join("news"), "the news\n").unwrap();
        Service { folder }
    }

    fn policy(&self, mode: &str) -> String {
        let at = self.folder.display();
        format!(
            "version = 1\n[gate]\nenabled = false\n[[prevention]]\nid = \"test\"\nmode = \"{mode}\"\n\
             executable = [\"{at}/service\"]\nread = [\"/\", \"!{at}/secret\"]\nwrite = [\"{at}/data/\"]\nrun = [\"{at}/\"]\n\
             connect = []\nmemory = false\n"
        )
    }

    fn run(&self, script: &str) -> Output {
        let mut command = Command::new(self.folder.join("service"));
        command.args(["--norc", "-c", script]).current_dir(&self.folder).output().unwrap()
    }
}

fn profile(agent: &Agent) -> Value {
    agent.json(&["status"])["prevention"]["profiles"][0].clone()
}

fn overstepped(agent: &Agent, kind: &str) -> u64 {
    profile(agent)["overstepped"][kind].as_u64().unwrap_or(0)
}

#[test]
fn observed_told_and_then_refused() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::new(folder.path());
    let mut agent = Agent::start(folder.path(), &service.policy("observe"));
    agent.until("the profile is in force", |agent| profile(agent)["id"] == "test");
    let attacks = [
        ("read", "read x < secret && echo got it"),
        ("write", "echo x > elsewhere && echo got it"),
        ("run", "/bin/true && echo got it"),
        ("connect", "exec 3<>/dev/tcp/127.0.0.1/9; echo got it"),
    ];
    assert_eq!(text(&service.run("read x < news; echo $x > data/x; echo $x").stdout), "the news\n");
    for (kind, attack) in attacks {
        assert_eq!(text(&service.run(attack).stdout), "got it\n", "{kind} while it observes");
        agent.until(&format!("{kind} is told"), |agent| overstepped(agent, kind) == 1);
    }
    let line = format!("prevention.test.read \"!{}\"", service.folder.join("secret").display());
    assert!(profile(&agent)["last"].to_string().contains(&line.replace('"', "\\\"")), "{}", profile(&agent));

    // What it would have denied of what was recorded, and by which line.
    let enforce = service.folder.join("enforce.toml");
    fs::write(&enforce, service.policy("enforce")).unwrap();
    let simulated = agent.json(&["policy", "simulate", path(&enforce)]);
    let would = simulated["prevention"]["would_deny"].as_array().unwrap();
    for kind in ["write", "run", "connect"] {
        assert!(would.iter().any(|one| one["act"] == kind), "{kind}: {simulated}");
    }
    let program = service.folder.join("service");
    let explained =
        agent.json(&["policy", "explain", path(&service.folder.join("secret")), "--process", path(&program)]);
    assert!(explained["lines"].as_array().unwrap().iter().any(|one| one["field"] == line.as_str()), "{explained}");
    let explained = agent.json(&["policy", "explain", "203.0.113.7:443", "--process", path(&program)]);
    assert_eq!(explained["lines"][0]["field"], "prevention.test.connect", "{explained}");

    assert_eq!(code(&agent.run(&["policy", "apply", path(&enforce)])), 0);
    agent.until("it enforces", |agent| {
        let status = agent.json(&["status"]);
        status["prevention"]["profiles"][0]["mode"] == "enforce" && status["prevention"]["in_kernel"] == true
    });
    assert_eq!(text(&service.run("read x < news; echo $x > data/x; echo $x").stdout), "the news\n");
    for (kind, attack) in attacks {
        let output = service.run(attack);
        let refused = kind == "connect" && text(&output.stderr).contains("not permitted");
        assert!(refused || text(&output.stdout).is_empty(), "{kind} while it enforces: {output:?}");
        agent.until(&format!("{kind} is told"), |agent| overstepped(agent, kind) > 0);
    }
    agent.stop();
    let told: Vec<Alert> = agent.alerts();
    for kind in ["read", "write", "run", "connect"] {
        let rule = format!("prevention.test.{kind}");
        let of = |one: &&Alert| one.findings[0].rule_id.as_str() == rule;
        assert!(
            told.iter().filter(of).any(|one| one.outcome.status == OutcomeStatus::None),
            "{kind} was only told first"
        );
        assert!(told.iter().filter(of).any(|one| one.outcome.status == OutcomeStatus::Done), "{kind} was refused then");
    }
}

/// What no list of files and addresses says: whom it speaks to over a socket, whom it signals, and what makes it stronger.
#[test]
fn sockets_signals_and_strong_programs() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let service = Service::new(folder.path());
    let at = service.folder.display();
    let policy = |mode: &str| {
        format!(
            "version = 1\n[gate]\nenabled = false\n[[prevention]]\nid = \"test\"\nmode = \"{mode}\"\n\
             executable = [\"{at}/service\"]\nsockets = [\"!{at}/closed\"]\nsignals = \"own\"\nraise = false\n"
        )
    };
    let _listeners = ["closed", "open"].map(|name| UnixListener::bind(service.folder.join(name)).unwrap());
    fs::copy("/bin/true", service.folder.join("strong")).unwrap();
    fs::set_permissions(service.folder.join("strong"), fs::Permissions::from_mode(0o4755)).unwrap();
    let connect = |name: &str| {
        let perl = "socket(S, PF_UNIX, SOCK_STREAM, 0); connect(S, sockaddr_un(shift)) or exit 1; syswrite STDOUT, qq(got it\n)";
        format!("perl -MSocket -e '{perl}' {at}/{name}")
    };
    let attacks = [
        ("sockets", connect("closed")),
        ("signals", "kill -USR1 VICTIM && echo got it".to_owned()),
        ("raise", format!("setpriv --reuid=65534 --regid=65534 --clear-groups {at}/strong && echo got it")),
    ];
    let attack = |script: &str| {
        let mut victim = Command::new("sleep").arg("60").spawn().unwrap();
        let output = service.run(&script.replace("VICTIM", &victim.id().to_string()));
        victim.kill().unwrap();
        victim.wait().unwrap();
        output
    };
    let agent = Agent::start(folder.path(), &policy("observe"));
    agent.until("the profile is in force", |agent| profile(agent)["id"] == "test");
    for (kind, script) in &attacks {
        assert_eq!(text(&attack(script).stdout), "got it\n", "{kind} while it observes");
        agent.until(&format!("{kind} is told"), |agent| overstepped(agent, kind) > 0);
    }
    let enforce = service.folder.join("enforce.toml");
    fs::write(&enforce, policy("enforce")).unwrap();
    assert_eq!(code(&agent.run(&["policy", "apply", path(&enforce)])), 0);
    agent.until("it enforces", |agent| {
        let status = agent.json(&["status"]);
        status["prevention"]["profiles"][0]["mode"] == "enforce" && status["prevention"]["in_kernel"] == true
    });
    assert_eq!(text(&attack(&connect("open")).stdout), "got it\n", "another socket");
    assert_eq!(text(&attack("sleep 60 & kill $! && echo got it").stdout), "got it\n", "its own child");
    for (kind, script) in &attacks {
        let output = attack(script);
        assert!(text(&output.stdout).is_empty(), "{kind} while it enforces: {output:?}");
        agent.until(&format!("{kind} is told"), |agent| overstepped(agent, kind) > 0);
    }
}

#[test]
fn what_a_service_does_is_learned_and_then_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::new(folder.path());
    let agent = Agent::start(folder.path(), "version = 1\n[gate]\nenabled = false\n");
    let program = service.folder.join("service");
    let learn = ["policy", "learn", "--exe", path(&program), "--id", "learned", "--for", "0s"];
    assert_eq!(code(&agent.run(&learn)), 0);
    agent.until("it is learned", |agent| agent.json(&["status"])["prevention"]["learning"][0] == "learned");
    service.run("read x < news; echo $x > data/x; /bin/true; exec 3<>/dev/tcp/127.0.0.1/9");
    let report = agent.json(&["policy", "learn", "--stop", "learned"]);
    let proposal = report["policy"].as_str().unwrap();
    let at = |name: &str| format!("\"{}\"", service.folder.join(name).display());
    for entry in [at("news"), at("data/x"), "loopback:9".into(), "/true\"".into()] {
        assert!(proposal.contains(&entry), "{entry}: {proposal}");
    }
    assert!(!proposal.contains(&at("secret")), "{proposal}");
    let file = service.folder.join("learned.toml");
    fs::write(&file, proposal).unwrap();
    assert_eq!(code(&tamon(&["policy", "check", path(&file)])), 0, "{proposal}");
}

#[test]
fn a_profile_that_locks_the_host_out_is_refused_with_the_proof() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("site.toml");
    let profile = "version = 1\n[[prevention]]\nid = \"all\"\nmode = \"enforce\"\nexecutable = [\"/usr/sbin/*\", \"/usr/bin/*\"]\nrun = []\n";
    fs::write(&file, profile).unwrap();
    let output = tamon(&["policy", "check", path(&file), "--output", "json"]);
    assert_eq!(code(&output), 1);
    let said = document(&output)["error"].to_string();
    assert!(said.contains("/usr/bin/dpkg") || said.contains("/usr/bin/apt"), "{said}");
    fs::write(&file, profile.replace("enforce", "observe")).unwrap();
    assert_eq!(code(&tamon(&["policy", "check", path(&file)])), 0);
}
