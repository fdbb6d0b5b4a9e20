//! `cargo xtask bench miners`: how long our own fake miner computes before the real agent has ended it, for each way in which
//! it hides; and honest work that computes as hard, of which nothing may be told.
//!
//! The fake miner is this program: it says a pool's first words to a listener of the bench on loopback and multiplies
//! numbers. The agent may act on miners only, and is stopped in the end.

use anyhow::{Context, Result, bail};
use event::{Alert, Engine};
use spool::{Spool, SpoolConfig};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 3;
/// A miner that lives longer than this was not stopped.
const PATIENCE: Duration = Duration::from_secs(60);
/// What the stand-in's program is called: nothing that a miner would be.
const STAND_IN: &str = "worker";
const POLICY: &str = "version = 1\nname = \"bench\"\nmode = \"observe\"\n\
    [[rule]]\nid = \"miner.*\"\nmode = \"enforce\"\naction = \"kill\"\n[gate]\nenabled = false\n";

/// How a miner hides, and what it says first, a segment each. Its program's name says nothing in any of them.
const WAYS: [(&str, &[&[u8]]); 8] = [
    ("stratum", &[b"{\"id\": 1, \"method\": \"mining.subscribe\", \"params\": []}\n"]),
    ("login", &[b"{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"login\",\"params\":{\"login\":\"w\",\"pass\":\"x\",\"agent\":\"a\"}}\n"]),
    ("segments", &[b"{\"id\": 1, \"met", b"hod\": \"mining.", b"subscribe\", \"par", b"ams\": []}\n"]),
    (
        "getwork",
        &[
            b"POST / HTTP/1.1\r\nHost: node\r\nContent-Type: application/json\r\nContent-Length: 56\r\n\r\n",
            b"{\"id\": 1, \"method\": \"getblocktemplate\", \"params\": [{}]}\n",
        ],
    ),
    ("socks", &[b"\x05\x01\x00", b"\x05\x01\x00\x03\x13pool.supportxmr.com\x0d\x05"]),
    ("connect", &[b"CONNECT pool.supportxmr.com:3333 HTTP/1.1\r\nHost: pool.supportxmr.com:3333\r\n\r\n"]),
    (
        "proxied",
        &[
            b"CONNECT relay.invalid:443 HTTP/1.1\r\nHost: relay.invalid:443\r\n\r\n",
            b"{\"id\": 1, \"method\": \"mining.authorize\", \"params\": [\"w\", \"x\"]}\n",
        ],
    ),
    ("tls", &[]),
];

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [role, way, address] = arguments.as_slice()
        && role == "mine"
    {
        return mine(way, address);
    }
    let tamon: PathBuf = std::env::var_os("TAMON").context("TAMON must name the binary; use cargo xtask bench")?.into();
    // Not in a folder of everybody's: where it lies must not be what tells it.
    let home = std::env::var_os("HOME").context("HOME is not set")?;
    let folder = tempfile::tempdir_in(home)?;
    let mut agent = Agent::start(&tamon, folder.path())?;
    let mut figures = serde_json::Map::new();
    for (way, _) in WAYS {
        let mut seconds: Vec<f64> = (0..ROUNDS).map(|_| stopped_after(way, folder.path())).collect::<Result<_>>()?;
        seconds.sort_by(f64::total_cmp);
        println!("{way:10} stopped after {:.2} s, at most {:.2} s", seconds[ROUNDS / 2], seconds[ROUNDS - 1]);
        figures.insert(format!("{way}_stopped_s"), round(seconds[ROUNDS / 2]).into());
        figures.insert(format!("{way}_stopped_most_s"), round(seconds[ROUNDS - 1]).into());
    }
    let honest = honest_work(folder.path())?;
    let used = agent.stop()?;
    let (miners, wrong) = agent.told(&folder.path().join(STAND_IN))?;
    println!("told       {miners} miners, {wrong} others; the agent used {used:.1} s of processor time");
    figures.insert("miners".into(), (WAYS.len() * ROUNDS).into());
    figures.insert("miners_told".into(), miners.into());
    figures.insert("honest_jobs".into(), honest.into());
    figures.insert("honest_told".into(), wrong.into());
    println!("{}", serde_json::json!({ "bench": "miners", "machine": machine(), "figures": figures }));
    if miners != WAYS.len() * ROUNDS || wrong > 0 {
        bail!("{miners} of {} miners were told, and {wrong} that were none", WAYS.len() * ROUNDS);
    }
    Ok(())
}

fn round(seconds: f64) -> f64 {
    (seconds * 100.0).round() / 100.0
}

/// From the start of its hashing to its end, in seconds.
fn stopped_after(way: &str, folder: &Path) -> Result<f64> {
    let pool = TcpListener::bind("127.0.0.1:0")?;
    pool.set_nonblocking(true)?;
    let program = folder.join(STAND_IN);
    fs::copy(std::env::current_exe()?, &program)?;
    let mut child = Command::new(program).args(["mine", way, &pool.local_addr()?.to_string()]).spawn()?;
    let mut peer = match met(&pool, &mut child) {
        Ok(peer) => peer,
        Err(error) => {
            child.kill()?;
            child.wait()?;
            return Err(error);
        }
    };
    // Whether it comes to say anything before it is ended is seen below.
    let _ = peer.read(&mut [0; 2048]);
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            if status.signal() != Some(9) {
                bail!("the miner ended by itself: {status}");
            }
            return Ok(began.elapsed().as_secs_f64());
        }
        if began.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            bail!("a miner by {way} was not stopped");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The stand-in's connection.
fn met(pool: &TcpListener, child: &mut Child) -> Result<TcpStream> {
    let began = Instant::now();
    loop {
        match pool.accept() {
            Ok((peer, _)) => {
                peer.set_nonblocking(false)?;
                peer.set_read_timeout(Some(Duration::from_secs(20)))?;
                return Ok(peer);
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
        if let Some(status) = child.try_wait()? {
            bail!("the miner ended before it said anything: {status}");
        }
        if began.elapsed() > PATIENCE {
            bail!("the miner does not connect");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The stand-in: speaks, then computes on one thread until it is ended, or by itself after a while.
fn mine(way: &str, address: &str) -> Result<()> {
    let mut pool = TcpStream::connect(address)?;
    pool.set_nodelay(true)?;
    let (_, said) = WAYS.iter().find(|(known, _)| *known == way).context("no such way")?;
    if way == "tls" {
        pool.write_all(&hello("xmr-eu1.nanopool.org"))?;
    }
    for bytes in *said {
        pool.write_all(bytes)?;
        std::thread::sleep(Duration::from_millis(20));
    }
    let (mut state, began) = (1u64, Instant::now());
    while began.elapsed() < PATIENCE * 2 {
        for _ in 0..1_000_000 {
            state = std::hint::black_box(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
        }
    }
    Ok(())
}

/// A TLS ClientHello that asks for `name`.
fn hello(name: &str) -> Vec<u8> {
    let list = [&[0, (name.len() + 3) as u8, 0, 0, name.len() as u8][..], name.as_bytes()].concat();
    let extensions = [&[0, 0, 0, list.len() as u8][..], &list].concat();
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.extend([0, 0, 2, 0x13, 1, 1, 0, 0, extensions.len() as u8]);
    body.extend(extensions);
    let handshake = [&[1, 0, 0, body.len() as u8][..], &body].concat();
    [&[22, 3, 1, 0, handshake.len() as u8][..], &handshake].concat()
}

/// Compiles, sorts, encrypts, encodes, queries and simulates, each for seconds, with what the host has. Gives how many ran.
/// One that fails is no honest work, and ends the bench.
fn honest_work(folder: &Path) -> Result<usize> {
    let source = folder.join("big.c");
    let functions =
        (0..12_000).map(|n| format!("int f{n}(int a,int b){{int s=0;for(int i=0;i<a;i++)s+=(b^i)*{n};return s;}}\n"));
    fs::write(&source, functions.collect::<String>())?;
    let data = folder.join("data");
    let mut state = 1u64;
    let mut word = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("{:x} ", state >> 50)
    };
    fs::write(&data, (0..8_000_000).map(|_| word()).collect::<String>())?;
    let (object, big, data) = (folder.join("big.o"), source.display().to_string(), data.display().to_string());
    let object = object.display().to_string();
    let video = ["-v", "error", "-f", "lavfi", "-i", "testsrc=size=1280x720:rate=30", "-t", "20"];
    let jobs: [(&str, Vec<&str>); 7] = [
        ("gcc", vec!["-O2", "-c", &big, "-o", &object]),
        ("openssl", vec!["speed", "-seconds", "9", "-bytes", "16384", "-multi", "2", "sha256"]),
        ("sh", vec!["-c", "seq 1 4000000 | sort -R --parallel=2 -S 512M > /dev/null"]),
        ("xz", vec!["-9", "-T2", "-k", "-c", &data]),
        ("ffmpeg", [&video[..], &["-c:v", "libx264", "-f", "null", "-"]].concat()),
        ("python3", vec!["-c", DATABASE]),
        ("python3", vec!["-c", SCIENCE]),
    ];
    let mut ran = 0;
    for (program, arguments) in jobs {
        let began = Instant::now();
        let done = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        match done {
            Ok(status) if status.success() => {
                ran += 1;
                println!("{program:10} {:.1} s", began.elapsed().as_secs_f64());
            }
            Ok(status) => bail!("{program} ended with {status}"),
            Err(error) => println!("{program:10} is not here: {error}"),
        }
    }
    Ok(ran)
}

const DATABASE: &str = "import sqlite3,time
d=sqlite3.connect(':memory:'); d.execute('create table t(a integer, b text)')
d.executemany('insert into t values(?,?)', ((n*7919%100003, str(n)) for n in range(400000)))
end=time.time()+9
while time.time()<end: d.execute('select a,count(*),max(b) from t group by a order by 2 desc limit 10').fetchall()";

/// Ranks that are bound to a processor each and talk on a port that pools use, as a cluster's jobs may.
const SCIENCE: &str = "import os,socket,time
server=socket.socket(); server.setsockopt(socket.SOL_SOCKET,socket.SO_REUSEADDR,1)
try: server.bind(('127.0.0.1',4444))
except OSError: server.bind(('127.0.0.1',0))
server.listen(); rank=os.fork() and 1
os.sched_setaffinity(0,[sorted(os.sched_getaffinity(0))[rank%os.cpu_count()]])
peer=server.accept()[0] if rank else socket.create_connection(server.getsockname())
bodies=[[n*0.1,n*0.2,1.0,0.0] for n in range(8)]; end=time.time()+9
while time.time()<end:
    for a in bodies:
        for b in bodies:
            d=(a[0]-b[0])**2+(a[1]-b[1])**2+0.01; a[2]-=(a[0]-b[0])/d*1e-3; a[3]-=(a[1]-b[1])/d*1e-3
        a[0]+=a[2]*1e-3; a[1]+=a[3]*1e-3
peer.sendall(b'done'); peer.recv(4)
rank and os.wait()";

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{cores} cores, Linux {}", kernel.trim())
}

struct Agent {
    child: Child,
    state: PathBuf,
}

impl Agent {
    fn start(tamon: &Path, folder: &Path) -> Result<Agent> {
        let (state, log) = (folder.join("state"), folder.join("agent.log"));
        fs::create_dir(&state)?;
        fs::write(folder.join("policy.toml"), POLICY)?;
        let config = folder.join("agent.toml");
        fs::write(&config, format!("policy = {:?}\ncontent = []\n", folder.join("policy.toml")))?;
        let file = fs::File::create(&log)?;
        let mut command = Command::new(tamon);
        command.arg("--state").arg(&state).args(["agent", "--config"]).arg(&config);
        let child = command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).spawn()?;
        let began = Instant::now();
        while !fs::read_to_string(&log)?.contains("the agent is up") {
            if began.elapsed() > Duration::from_secs(60) {
                bail!("the agent is not ready: {}", fs::read_to_string(&log)?);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(Agent { child, state })
    }

    /// Gives the seconds of processor time that it has used.
    fn stop(&mut self) -> Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
        let ticks = |n: usize| fields.get(n).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
        let used = (ticks(11) + ticks(12)) / 100.0;
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        let status = self.child.wait()?;
        if !status.success() {
            bail!("the agent ended with {status}");
        }
        Ok(used)
    }

    /// Alerts of the miner engine: about the stand-in, and about anything else.
    fn told(&self, stand_in: &Path) -> Result<(usize, usize)> {
        let spool = Spool::open(self.state.join("agent/spool"), SpoolConfig::default())?;
        let (mut miners, mut wrong, mut next) = (0, 0, spool.acked() + 1);
        loop {
            let records = spool.read_from(next, 8 << 20)?;
            let Some(last) = records.last() else { return Ok((miners, wrong)) };
            next = last.seq + 1;
            for record in &records {
                let wire::RecordBody::Alert(alert) = wire::Record::decode(&record.payload)?.body else { continue };
                if !alert.findings.iter().any(|finding| finding.engine == Engine::Miner) {
                    continue;
                }
                if is_of(&alert, stand_in) {
                    miners += 1;
                } else {
                    wrong += 1;
                    println!("wrong      {}", alert.findings[0].detail);
                }
            }
        }
    }
}

fn is_of(alert: &Alert, program: &Path) -> bool {
    alert.event.text(event::Column::ProcessExecutable).is_some_and(|path| Path::new(&*path) == program)
}

impl Drop for Agent {
    fn drop(&mut self) {
        // Stopped already, or the bench has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
