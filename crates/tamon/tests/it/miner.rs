//! A fake miner of our own against the real agent that enforces: it says Stratum's first words to this test on loopback and
//! keeps one processor busy, in a cgroup of its own. The agent may act on nothing but miners, and is stopped in the end.

use crate::agent::Agent;
use event::{Action, Alert, OutcomeStatus};
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const POLICY: &str = r#"
version = 1
name = "miners only"
mode = "observe"

[[rule]]
id = "miner.*"
mode = "enforce"
action = "kill"

[gate]
enabled = false
"#;
/// Names the pool's address for the stand-in.
const POOL: &str = "TAMON_TEST_POOL";

#[test]
fn a_miner_is_stopped_and_told_once_with_all_its_voices() {
    let folder = tempfile::tempdir().unwrap();
    let mut agent = Agent::start(folder.path(), POLICY);
    let pool = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut miner = StandIn::start(&pool, folder.path());
    let end = Instant::now() + Duration::from_secs(60);
    let status = loop {
        if let Some(status) = miner.child.try_wait().unwrap() {
            break status;
        }
        assert!(Instant::now() < end, "the miner goes on; the agent said: {}", agent.log());
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(status.signal(), Some(9), "{status}");
    let pid = miner.child.id();
    agent.stop();
    let told: Vec<Alert> = agent.alerts().into_iter().filter(|alert| of(alert, pid)).collect();
    assert_eq!(told.len(), 1, "{told:#?}");
    let alert = &told[0];
    // Beside it may stand the sequence that it completes: a program written, then run, then mining.
    let mined = alert.findings.iter().find(|finding| finding.engine == event::Engine::Miner).unwrap();
    assert_eq!(mined.rule_id.as_str(), "miner.coin-miner");
    assert!(mined.detail.contains("speaks Stratum (mining.subscribe)"), "{}", mined.detail);
    assert_eq!((alert.outcome.action, alert.outcome.status), (Action::Kill, OutcomeStatus::Done), "{alert:#?}");
}

fn of(alert: &Alert, pid: u32) -> bool {
    let told = alert.event.text(event::Column::ProcessPid);
    told.is_some_and(|told| told == pid.to_string()) && alert.findings.iter().any(|f| f.engine == event::Engine::Miner)
}

/// Not a test: what the stand-in does when this program is run as one.
#[test]
#[ignore = "the stand-in itself; started by the test above"]
fn stand_in() {
    let Ok(pool) = std::env::var(POOL) else { return };
    let mut pool = TcpStream::connect(pool).unwrap();
    pool.write_all(b"{\"id\": 1, \"method\": \"mining.subscribe\", \"params\": [\"tamon-stand-in\"]}\n").unwrap();
    let mut answer = String::new();
    BufReader::new(&pool).read_line(&mut answer).unwrap();
    let (mut state, began) = (1u64, Instant::now());
    // Ends by itself if nobody ends it.
    while began.elapsed() < Duration::from_secs(90) {
        state = std::hint::black_box(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
    }
}

struct StandIn {
    child: Child,
    cgroup: Option<PathBuf>,
}

impl StandIn {
    fn start(pool: &TcpListener, folder: &Path) -> StandIn {
        let program = folder.join("worker");
        fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        let cgroup = own_cgroup();
        let procs = cgroup.as_ref().map(|cgroup| cgroup.join("cgroup.procs"));
        let mut command = Command::new(program);
        command
            .args(["--ignored", "--exact", "miner::stand_in", "--nocapture"])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.env(POOL, pool.local_addr().unwrap().to_string()).process_group(0);
        let child = command.spawn().unwrap();
        if let Some(procs) = procs {
            fs::write(procs, child.id().to_string()).unwrap();
        }
        let (mut peer, _) = pool.accept().unwrap();
        peer.write_all(b"{\"id\":1,\"result\":[[],\"00\",4],\"error\":null}\n").unwrap();
        StandIn { child, cgroup }
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(cgroup) = &self.cgroup {
            let _ = fs::remove_dir(cgroup);
        }
    }
}

/// None where no cgroup v2 tree is mounted.
fn own_cgroup() -> Option<PathBuf> {
    let root = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].map(Path::new);
    let root =
        root.into_iter().find(|root| root.join("cgroup.procs").exists() && root.join("cgroup.controllers").exists())?;
    let cgroup = root.join(format!("tamon-test-miner-{}", std::process::id()));
    fs::create_dir(&cgroup).ok()?;
    Some(cgroup)
}
