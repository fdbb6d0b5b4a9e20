//! The node from start to end: sockets and files while root, then its own account, then the stores, the console, the agents'
//! listener, and at the end all of it in reverse.

use crate::baselines::Baselines;
use crate::config::NodeConfig;
use crate::desk::{self, Desk};
use crate::investigate::{self, Investigator};
use crate::node::Node;
use crate::orders::Orders;
use crate::policies::Policies;
use crate::privileges::{self, PrivilegeError};
use crate::serve::{self, Listener};
use crate::tuning::Tuning;
use crate::watch::Watch;
use crate::{admission, api, clock, sink, stop, tls};
use anyhow::{Context as _, Result};
use event::TenantId;
use std::fs;
use std::future::Future;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use store::{ControlStore, EventStore};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use transport::{CertificateAuthority, Server, ServerConfig};

/// Runs until `shutdown` is ready. Call it while the process has one thread: when `user` is configured and root starts it, it
/// becomes that account before it starts any. The future is polled inside the runtime, so it may wait for signals.
pub fn run(config: NodeConfig, shutdown: impl Future<Output = ()>) -> Result<()> {
    let prepared = prepare(config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("node").build()?;
    runtime.block_on(async {
        let running = Running::start(prepared).await?;
        println!("console: {}", running.node.url());
        if let Some(login) = &running.first_login {
            println!("sign in once, within 15 minutes: {login}");
        }
        shutdown.await;
        running.stop().await;
        Ok(())
    })
}

/// What had to be done as root.
pub struct Prepared {
    config: NodeConfig,
    console: std::net::TcpListener,
    socket: std::os::unix::net::UnixListener,
    tls: Option<TlsAcceptor>,
}

/// Makes the folders, binds the console and the admin socket, reads the TLS key, and drops privileges.
pub fn prepare(config: NodeConfig) -> Result<Prepared> {
    let account = config.user.as_deref().map(privileges::account).transpose()?;
    let (state, run) = (config.node_dir(), config.run_dir());
    make_private(&state)?;
    fs::create_dir_all(&run).with_context(|| format!("cannot make {}", run.display()))?;
    let listen = config.console.listen;
    let console = std::net::TcpListener::bind(listen).with_context(|| format!("cannot listen on {listen}"))?;
    console.set_nonblocking(true)?;
    let tls = tls::acceptor(&config.console)?;
    let socket = bind_socket(&run.join("node.sock"))?;
    let pid = run.join("node.pid");
    fs::write(&pid, format!("{}\n", std::process::id())).with_context(|| format!("cannot write {}", pid.display()))?;
    if let Some(account) = &account
        && rustix::process::geteuid().is_root()
    {
        privileges::give(&state, account)?;
        for file in ["node.sock", "node.pid"] {
            privileges::give(&run.join(file), account)?;
        }
        privileges::drop_to(account).map_err(|error| explain(error, &config))?;
    }
    Ok(Prepared { config, console, socket, tls })
}

fn explain(error: PrivilegeError, config: &NodeConfig) -> anyhow::Error {
    anyhow::Error::new(error).context(format!("cannot run as {:?}", config.user.as_deref().unwrap_or_default()))
}

fn make_private(folder: &Path) -> Result<()> {
    let context = || format!("cannot make {}", folder.display());
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).with_context(context)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).with_context(context)
}

/// A socket that nobody listens on is left over from a kill.
fn bind_socket(path: &Path) -> Result<std::os::unix::net::UnixListener> {
    if path.exists() {
        if std::os::unix::net::UnixStream::connect(path).is_ok() {
            anyhow::bail!("another node runs here: {} answers", path.display());
        }
        fs::remove_file(path).with_context(|| format!("cannot remove the stale {}", path.display()))?;
    }
    let socket =
        std::os::unix::net::UnixListener::bind(path).with_context(|| format!("cannot bind {}", path.display()))?;
    // Who may speak is decided by who they are, at each connection; the mode only keeps others from trying.
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// A node at work.
pub struct Running {
    pub node: Arc<Node>,
    /// At the very first start: the way in for the first administrator.
    pub first_login: Option<String>,
    stop: watch::Sender<bool>,
    agents: Server,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Running {
    pub async fn start(prepared: Prepared) -> Result<Running> {
        let Prepared { config, console, socket, tls } = prepared;
        let (stop, stopping) = watch::channel(false);
        let dir = config.node_dir();
        let control = ControlStore::open(&dir.join("control.db")).await?;
        let events = EventStore::open(&dir.join("events"), control.clone(), store_config(&config)).await?;
        let ca = CertificateAuthority::open(&dir.join("ca"))?;
        let tenant = TenantId::default();
        let console = tokio::net::TcpListener::from_std(console)?;
        let node = Arc::new(Node {
            desk: Desk::open(control.clone(), tenant.clone(), clock::now()).await?,
            baselines: Baselines::open(&dir.join("baselines"))?,
            orders: Orders::new(control.clone(), tenant.clone()),
            investigator: Investigator::new()?,
            tuning: Tuning::open(&control, &tenant).await?,
            quieting: Default::default(),
            watch: Watch::open(&control, &tenant).await?,
            policies: Policies::new(control.clone(), tenant.clone()),
            console_address: console.local_addr()?,
            agent_address: OnceLock::new(),
            ca: ca.fingerprint(),
            fleet: Default::default(),
            live: Default::default(),
            logins: Default::default(),
            attempts: Default::default(),
            figures: Default::default(),
            saved_queries: Default::default(),
            agents: OnceLock::new(),
            ingest: OnceLock::new(),
            started: clock::now(),
            stopping: stopping.clone(),
            config,
            control,
            events,
            tenant,
        });
        load_fleet(&node).await?;
        let first_login = first_login(&node).await?;
        let agents = listen_to_agents(&node, ca).await?;
        let app = api::router(Arc::clone(&node));
        let socket = tokio::net::UnixListener::from_std(socket)?;
        let own = rustix::process::geteuid().as_raw();
        crate::watch::resume(Arc::clone(&node)).await;
        let tasks = vec![
            tokio::spawn(serve::serve(Listener::Tcp(console, tls), app.clone(), stopping.clone())),
            tokio::spawn(serve::serve(Listener::Unix(socket, own), app, stopping.clone())),
            tokio::spawn(keep_house(Arc::clone(&node), stopping.clone())),
            tokio::spawn(investigate::follow(Arc::clone(&node), stopping.clone())),
            tokio::spawn(retell(Arc::clone(&node), stopping)),
        ];
        tracing::info!(console = node.url(), agents = node.agent_address(), "node started");
        Ok(Running { node, first_login, stop, agents, tasks })
    }

    pub fn agent_address(&self) -> SocketAddr {
        self.agents.address()
    }

    pub async fn stop(self) {
        let _ = self.stop.send(true);
        self.agents.stop().await;
        for task in self.tasks {
            let _ = task.await;
        }
        if let Err(error) = self.node.tuning.keep(&self.node).await {
            tracing::warn!(%error, "cannot keep how often suppressions were met");
        }
        self.node.baselines.save();
        self.node.events.close().await;
        self.node.control.close().await;
        let run = self.node.config.run_dir();
        // After privileges were dropped these may be root's to remove; the next start finds them stale.
        for file in ["node.sock", "node.pid"] {
            let _ = fs::remove_file(run.join(file));
        }
        tracing::info!("node stopped");
    }
}

fn store_config(config: &NodeConfig) -> store::Config {
    let max_age = Duration::from_secs(config.store.max_age_days.saturating_mul(86_400));
    store::Config {
        max_bytes: config.store.max_bytes,
        max_age: (config.store.max_age_days > 0).then_some(max_age),
        ..store::Config::default()
    }
}

async fn load_fleet(node: &Node) -> Result<()> {
    node.control.all_hosts_away().await?;
    let agents = node.control.agents(&node.tenant).await?;
    let revoked: Vec<_> = agents.into_iter().filter(|agent| agent.revoked.is_some()).map(|agent| agent.id).collect();
    node.fleet.load(node.control.hosts(&node.tenant).await?, &revoked);
    Ok(())
}

async fn first_login(node: &Node) -> Result<Option<String>> {
    if !api::ensure_admin(node).await? {
        return Ok(None);
    }
    let (token, _) = node.logins.create("admin", clock::now());
    Ok(Some(format!("{}/#token={token}", node.url())))
}

async fn listen_to_agents(node: &Arc<Node>, ca: CertificateAuthority) -> Result<Server> {
    let config = ServerConfig {
        listen: node.config.agents.listen,
        names: node.config.agents.names.clone(),
        node_version: env!("CARGO_PKG_VERSION").into(),
        publication: Some(node.config.signatures_dir()),
        ..ServerConfig::default()
    };
    let ingest = Arc::new(ingest::Ingest::new(sink::Inbox(Arc::clone(node))));
    let gate = Arc::new(admission::Gate(Arc::clone(node)));
    let server = Server::start(config, ca, gate, Arc::clone(&ingest)).await?;
    let address = node.config.agents.address.clone().unwrap_or_else(|| server.address().to_string());
    let _ = node.agent_address.set(address);
    let _ = node.agents.set(server.handle());
    // Ingest holds the node; the node must not hold it in turn.
    let ingest = Arc::downgrade(&ingest);
    let _ = node.ingest.set(Box::new(move || ingest.upgrade().map(|ingest| ingest.stats()).unwrap_or_default()));
    let handle = server.handle();
    node.orders.connect(Box::new(move |agent, command| match handle.send(agent, command) {
        Ok(()) => true,
        Err(error) => {
            tracing::info!(%error, "command not sent");
            false
        }
    }));
    Ok(server)
}

/// Large incidents, and once more at the end.
async fn retell(node: Arc<Node>, mut stopping: watch::Receiver<bool>) {
    let mut last = false;
    while !last {
        last = tokio::time::timeout(desk::RETELL, stop::said(&mut stopping)).await.is_ok();
        if let Err(error) = node.desk.retell(&node.live).await {
            node.figures.failed(0, error.to_string());
            tracing::error!(%error, "cannot tell an incident anew");
        }
    }
}

/// Rates each second, expiry of commands every five.
async fn keep_house(node: Arc<Node>, mut stopping: watch::Receiver<bool>) {
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    let mut count = 0u64;
    loop {
        tokio::select! {
            () = stop::said(&mut stopping) => return,
            _ = tick.tick() => {}
        }
        let now = clock::now();
        node.figures.sample(now);
        node.fleet.sample(now);
        count += 1;
        if count.is_multiple_of(600) {
            let node = Arc::clone(&node);
            tokio::task::spawn_blocking(move || node.baselines.save());
        }
        if count.is_multiple_of(5)
            && let Err(error) = node.orders.expire(now, &node.live).await
        {
            tracing::warn!(%error, "cannot expire commands");
        }
        if count.is_multiple_of(5)
            && let Err(error) = node.tuning.keep(&node).await
        {
            tracing::warn!(%error, "cannot keep how often suppressions were met");
        }
    }
}
