//! Fake miners of our own against the real agent that enforces: each says a pool's first words to this test on loopback in
//! its own way and keeps one processor busy, in a cgroup of its own. The agent may act on nothing but miners, and is stopped in the end.

use crate::agent::Agent;
use event::{Action, Alert, OutcomeStatus};
use std::fs;
use std::io::Write as _;
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
/// Says which of [`WAYS`] it goes.
const WAY: &str = "TAMON_TEST_WAY";

/// What each says first, in pieces: plain, by a proxy whose request comes in two, by another, and behind TLS.
const WAYS: [(&str, &[&[u8]]); 4] = [
    (
        "speaks Stratum (mining.subscribe)",
        &[b"{\"id\": 1, \"method\": \"mining.subscribe\", \"params\": [\"tamon\"]}\n"],
    ),
    ("asks for of a proxy the host", &[b"\x05\x01\x00", b"\x05\x01\x00\x03\x13pool.supportxmr.com", b"\x0d\x05"]),
    (
        "speaks Stratum (login)",
        &[
            b"CONNECT 192.0.2.1:443 HTTP/1.1\r\n\r\n",
            b"{\"method\":\"login\",\"params\":{\"login\":\"w\",\"pa",
            b"ss\":\"x\",\"agent\":\"a\"}}\n",
        ],
    ),
    ("asks for the TLS server name", &[HELLO]),
];
/// A ClientHello that asks for pool.minexmr.com.
const HELLO: &[u8] = b"\x16\x03\x01\x00\x4a\x01\x00\x00\x46\x03\x03\
    77777777777777777777777777777777\x00\x00\x02\x13\x01\x01\x00\x00\x1b\
    \x00\x00\x00\x17\x00\x15\x00\x00\x12pool1.minexmr.com.";

#[test]
fn a_miner_is_stopped_and_told_once_with_all_its_voices_however_it_hides() {
    let folder = tempfile::tempdir().unwrap();
    let mut agent = Agent::start(folder.path(), POLICY);
    let pool = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut miners: Vec<StandIn> = (0..WAYS.len()).map(|way| StandIn::start(&pool, folder.path(), way)).collect();
    let end = Instant::now() + Duration::from_secs(60);
    for (miner, (voice, _)) in miners.iter_mut().zip(WAYS) {
        let status = loop {
            if let Some(status) = miner.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < end, "one that {voice} goes on; the agent said: {}", agent.log());
            std::thread::sleep(Duration::from_millis(20));
        };
        assert_eq!(status.signal(), Some(9), "{voice}: {status}");
    }
    agent.stop();
    let alerts = agent.alerts();
    for (miner, (voice, _)) in miners.iter().zip(WAYS) {
        let told: Vec<&Alert> = alerts.iter().filter(|alert| of(alert, miner.child.id())).collect();
        assert_eq!(told.len(), 1, "{voice}: {told:#?}");
        let alert = told[0];
        // Beside it may stand the sequence that it completes: a program written, then run, then mining.
        let mined = alert.findings.iter().find(|finding| finding.engine == event::Engine::Miner).unwrap();
        assert_eq!(mined.rule_id.as_str(), "miner.coin-miner");
        assert!(mined.detail.contains(voice), "{}", mined.detail);
        assert_eq!((alert.outcome.action, alert.outcome.status), (Action::Kill, OutcomeStatus::Done), "{alert:#?}");
    }
}

fn of(alert: &Alert, pid: u32) -> bool {
    let told = alert.event.text(event::Column::ProcessPid);
    told.is_some_and(|told| told == pid.to_string()) && alert.findings.iter().any(|f| f.engine == event::Engine::Miner)
}

/// Not a test: what the stand-in does when this program is run as one.
#[test]
#[ignore = "the stand-in itself; started by the test above"]
fn stand_in() {
    let (Ok(pool), Ok(way)) = (std::env::var(POOL), std::env::var(WAY)) else { return };
    let mut pool = TcpStream::connect(pool).unwrap();
    pool.set_nodelay(true).unwrap();
    for piece in WAYS[way.parse::<usize>().unwrap()].1 {
        pool.write_all(piece).unwrap();
        std::thread::sleep(Duration::from_millis(5));
    }
    let (mut state, began) = (1u64, Instant::now());
    // Ends by itself if nobody ends it.
    while began.elapsed() < Duration::from_secs(90) {
        state = std::hint::black_box(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
    }
}

struct StandIn {
    child: Child,
    cgroup: Option<PathBuf>,
    _peer: TcpStream,
}

impl StandIn {
    fn start(pool: &TcpListener, folder: &Path, way: usize) -> StandIn {
        let program = folder.join(format!("worker{way}"));
        fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        let cgroup = own_cgroup(way);
        let procs = cgroup.as_ref().map(|cgroup| cgroup.join("cgroup.procs"));
        let mut command = Command::new(program);
        command
            .args(["--ignored", "--exact", "miner::stand_in", "--nocapture"])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.env(POOL, pool.local_addr().unwrap().to_string()).env(WAY, way.to_string()).process_group(0);
        let child = command.spawn().unwrap();
        if let Some(procs) = procs {
            fs::write(procs, child.id().to_string()).unwrap();
        }
        let (peer, _) = pool.accept().unwrap();
        StandIn { child, cgroup, _peer: peer }
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
fn own_cgroup(way: usize) -> Option<PathBuf> {
    let root = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].map(Path::new);
    let root =
        root.into_iter().find(|root| root.join("cgroup.procs").exists() && root.join("cgroup.controllers").exists())?;
    let cgroup = root.join(format!("tamon-test-miner-{}-{way}", std::process::id()));
    fs::create_dir(&cgroup).ok()?;
    Some(cgroup)
}
