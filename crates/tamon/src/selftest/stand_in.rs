//! What each step does. All of it is harmless, ours, and stays in the folder it is given and on loopback: copies of
//! `true` and shells under other names, files below a temporary root, and sockets that nobody else listens on.

use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

/// Path of the agent's decoy, given by the self-test.
pub const DECOY: &str = "TAMON_SELFTEST_DECOY";

/// How long a stand-in stays alive after its act, so that it can be looked at.
const LINGER: Duration = Duration::from_millis(50);

pub fn play(step: &str, folder: &Path) -> Result<()> {
    match step {
        "web-shell" => web_shell(folder),
        "download-and-run" => download_and_run(folder),
        "deleted-program" => deleted_program(folder),
        "memfd-program" => memfd_program(),
        "eicar" => eicar(folder),
        "reverse-shell" => reverse_shell(),
        "cron-persistence" => write_below(folder, "root/etc/cron.d/updater", "* * * * * root /bin/true\n"),
        "systemd-persistence" => write_below(
            folder,
            "root/etc/systemd/system/updater.service",
            "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n",
        ),
        "credential-read" => credential_read(),
        "miner" => miner(folder),
        "ransomware" => ransomware(folder),
        "set-uid-copy" => set_uid_copy(folder),
        "ptrace" => ptrace(),
        "kernel-log-wipe" => kernel_log_wipe(folder),
        "service-namespace" => super::service_namespace::play(),
        "watched-file" => super::watched_file::play(folder),
        unknown => bail!("no step {unknown:?}"),
    }?;
    std::thread::sleep(LINGER);
    Ok(())
}

fn web_shell(folder: &Path) -> Result<()> {
    let server = copy(folder, "/bin/sh", "nginx")?;
    // Two commands, so that the shell within does not replace its parent.
    succeed(Command::new(server).args(["-c", "sh -c 'id; uname -a'; :"]).stdout(Stdio::null()))
}

fn download_and_run(folder: &Path) -> Result<()> {
    let (port, server) = serve(fs::read("/bin/true")?)?;
    let payload = folder.join("payload");
    let fetch =
        format!("exec 3<>/dev/tcp/127.0.0.1/{port}; cat <&3 >'{0}'; chmod 755 '{0}'; '{0}'; :", payload.display());
    succeed(Command::new("bash").args(["-c", &fetch]))?;
    joined(server)
}

fn deleted_program(folder: &Path) -> Result<()> {
    let program = copy(folder, "/bin/true", "updater")?;
    let file = File::open(&program)?;
    fs::remove_file(&program)?;
    run_descriptor(&file)
}

fn memfd_program() -> Result<()> {
    let memory = rustix::fs::memfd_create("updater", rustix::fs::MemfdFlags::empty())?;
    let mut file = File::from(memory);
    file.write_all(&fs::read("/bin/true")?)?;
    run_descriptor(&file)
}

/// Runs the program behind a descriptor that the child inherits.
fn run_descriptor(file: &File) -> Result<()> {
    rustix::io::fcntl_setfd(file, rustix::io::FdFlags::empty())?;
    succeed(&mut Command::new(format!("/proc/self/fd/{}", file.as_raw_fd())))
}

fn eicar(folder: &Path) -> Result<()> {
    // In parts, so that this binary is not itself what every antivirus must find.
    let text = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}", "$EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE!$H+H*"].concat();
    let path = folder.join("eicar.com");
    fs::write(&path, text)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    match Command::new(&path).status() {
        // Not a program of this system, or refused by a gate: it was tried, which is the step.
        Ok(_) | Err(_) => Ok(()),
    }
}

fn reverse_shell() -> Result<()> {
    let (port, server) = serve(b"exit\n".to_vec())?;
    let shell = format!("bash -i >& /dev/tcp/127.0.0.1/{port} 0>&1");
    // Its own session, so that an interactive shell does not take the terminal of whoever runs the self-test.
    succeed(Command::new("setsid").args(["-w", "bash", "-c", &shell]))?;
    joined(server)
}

/// Reads the decoy that the agent planted, with a program that has no business there.
fn credential_read() -> Result<()> {
    let decoy = std::env::var_os(DECOY).context("the agent names no decoy")?;
    succeed(Command::new("cat").arg(decoy).stdout(Stdio::null()))
}

fn miner(folder: &Path) -> Result<()> {
    let (port, server) = serve(b"{\"id\":1,\"result\":[[],\"00\",4],\"error\":null}\n".to_vec())?;
    let miner = copy(folder, "/bin/bash", "xmrig")?;
    let talk = format!(
        "exec 3<>/dev/tcp/127.0.0.1/{port}; printf '{{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[]}}\\n' >&3; read -r a <&3; :"
    );
    let pool = format!("stratum+tcp://127.0.0.1:{port}");
    succeed(Command::new(miner).args(["-c", &talk, "xmrig", "-o", &pool, "-u", "decoy-wallet", "--donate-level=0"]))?;
    joined(server)
}

/// Overwrites and renames sixty files that it made itself a moment ago; the key is a constant, the content is filler.
fn ransomware(folder: &Path) -> Result<()> {
    let documents = folder.join("documents");
    fs::create_dir_all(&documents)?;
    let kinds = ["docx", "xlsx", "pdf", "jpg", "sql", "csv"];
    let paths: Vec<PathBuf> =
        (0..60).map(|n| documents.join(format!("report-{n}.{}", kinds[n % kinds.len()]))).collect();
    for path in &paths {
        fs::write(path, "quarterly figures, by region and month\n".repeat(100))?;
    }
    std::thread::sleep(LINGER);
    let encrypt = [std::env::current_exe()?.into_os_string(), "selftest-step".into(), "encrypt".into()];
    succeed(Command::new(&encrypt[0]).args(&encrypt[1..]).arg(&documents))
}

/// The encryptor proper, a process of its own; refuses any folder but the self-test's.
pub fn encrypt(documents: &Path) -> Result<()> {
    let inside = documents.components().any(|part| part.as_os_str().to_string_lossy().starts_with("tamon-selftest-"));
    if !inside || !documents.ends_with("documents") {
        bail!("{} is not the self-test's own folder", documents.display());
    }
    for entry in fs::read_dir(documents)? {
        let path = entry?.path();
        let mut bytes = fs::read(&path)?;
        let mut state = 0x9e37_79b9_u32;
        for byte in &mut bytes {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *byte ^= (state >> 24) as u8;
        }
        fs::write(&path, bytes)?;
        let mut locked = path.clone().into_os_string();
        locked.push(".locked");
        fs::rename(&path, locked)?;
    }
    fs::write(documents.join("README_TO_DECRYPT.txt"), "This is Tamon's self-test. Nothing was harmed.\n")?;
    Ok(())
}

fn set_uid_copy(folder: &Path) -> Result<()> {
    let copy = copy(folder, "/bin/true", "helper")?;
    Ok(fs::set_permissions(copy, fs::Permissions::from_mode(0o4755))?)
}

fn ptrace() -> Result<()> {
    let mut target = Command::new("sleep").arg("5").spawn()?;
    std::thread::sleep(LINGER);
    let pid = libc::pid_t::try_from(target.id())?;
    let none = std::ptr::null_mut::<libc::c_void>();
    // SAFETY: PTRACE_ATTACH and PTRACE_DETACH take no memory of ours; the target is our own child, not yet reaped.
    let attached = unsafe { libc::ptrace(libc::PTRACE_ATTACH, pid, none, none) };
    if attached == 0 {
        let mut status = 0;
        // SAFETY: `status` is a valid place for the whole call.
        unsafe { libc::waitpid(pid, &mut status, 0) };
        // SAFETY: as above; the target is stopped and ours.
        unsafe { libc::ptrace(libc::PTRACE_DETACH, pid, none, none) };
    }
    target.kill()?;
    target.wait()?;
    Ok(())
}

fn kernel_log_wipe(folder: &Path) -> Result<()> {
    let log = folder.join("root/var/log/kern.log");
    write_below(folder, "root/var/log/kern.log", "kernel: a line\n")?;
    File::options().write(true).truncate(true).open(log)?;
    succeed(Command::new(copy(folder, "/bin/true", "dmesg")?).arg("--clear"))
}

fn copy(folder: &Path, program: &str, name: &str) -> Result<PathBuf> {
    let path = folder.join(name);
    fs::copy(program, &path).with_context(|| format!("cannot copy {program}"))?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    Ok(path)
}

fn write_below(folder: &Path, name: &str, text: &str) -> Result<()> {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().context("a name without a folder")?)?;
    Ok(fs::write(path, text)?)
}

fn succeed(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).stderr(Stdio::null()).process_group(0).status()?;
    if !status.success() {
        bail!("{status}: {command:?}");
    }
    Ok(())
}

/// Answers one connection on loopback with `bytes`, reads what the peer says, and ends.
fn serve(bytes: Vec<u8>) -> Result<(u16, JoinHandle<Result<()>>)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    let thread = std::thread::spawn(move || {
        let (mut peer, _) = listener.accept()?;
        peer.set_read_timeout(Some(Duration::from_secs(5)))?;
        peer.write_all(&bytes)?;
        peer.shutdown(std::net::Shutdown::Write)?;
        let mut heard = Vec::new();
        match peer.take(64 * 1024).read_to_end(&mut heard) {
            // The peer may go away first; it has what it came for.
            Ok(_) | Err(_) => Ok(()),
        }
    });
    Ok((port, thread))
}

fn joined(server: JoinHandle<Result<()>>) -> Result<()> {
    server.join().map_err(|_| anyhow::anyhow!("the loopback server panicked"))?
}
