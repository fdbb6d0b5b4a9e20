//! The attacks of the issue, against one locked folder.

use super::lying::Lying;
use super::odd_names;
use super::world::{Host, Ran, confined, copy, mount, run};
use std::fs;
use std::io::Write as _;
use std::os::fd::AsRawFd as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

const OK: Ran = Ran::Ended(Some(0));

/// One agent for all: each attack leaves the folder as it found it.
#[test]
fn attacks_fail() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    confined(|dir| {
        let host = Host::start(dir, "");
        host.program("opt/tool", "/bin/true");
        host.program("bin/sh", "/bin/dash");
        host.program("lib/ld-linux-x86-64.so.2", "/lib64/ld-linux-x86-64.so.2");
        host.program("opt/good.so", LIBRARY);
        host.program("opt/sleep", "/bin/sleep");
        raced(&host);
        host.file("opt/good.sh", &format!("#!{}\nexit 0\n", host.at("bin/sh").display()));
        host.lock();
        what_is_not_the_content_at_the_path_does_not_run(&host);
        odd_names::programs(&host);
        odd_names::scripts(&host);
        names_that_change_while_they_are_looked_at_gain_nothing(&host);
        interpreters_and_the_loader_run_only_what_is_trusted(&host);
        a_library_is_loaded_only_when_it_is_trusted(&host);
        what_runs_unasked_is_ended(&host);
        what_is_put_in_its_place_for_an_instant_does_not_run_on(&host);
        a_file_system_that_lies_is_not_believed(&host);
        who_takes_a_trusted_process_over_is_told(&host);
    });
}

fn what_is_not_the_content_at_the_path_does_not_run(host: &Host) {
    let tool = host.at("opt/tool");
    let attempt = |path: &Path| run(&mut Command::new(path));
    assert_eq!(attempt(&tool), OK);

    // A copy changed by one byte, under another name and under its own.
    let mut bytes = fs::read(&tool).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    let changed = host.at("opt/changed");
    copy(&tool, &changed);
    fs::write(&changed, &bytes).unwrap();
    assert_eq!(attempt(&changed), Ran::Denied, "a copy changed by one byte");
    assert_eq!(attempt(&copy(&tool, &host.at("opt/copy"))), Ran::Denied, "a copy elsewhere");

    // Hard link, symbolic link, bind mount.
    fs::hard_link(&tool, host.at("opt/hard")).unwrap();
    host.eventually("a hard link is refused", || attempt(&host.at("opt/hard")) == Ran::Denied);
    std::os::unix::fs::symlink(&changed, host.at("opt/link")).unwrap();
    assert_eq!(attempt(&host.at("opt/link")), Ran::Denied, "a link to the changed");
    let over = copy("/bin/false", &host.at("opt/over"));
    mount(over.to_str().unwrap(), &tool, "", libc::MS_BIND, "");
    assert_eq!(attempt(&tool), Ran::Denied, "a bind mount over it");
    rustix::mount::unmount(&tool, rustix::mount::UnmountFlags::DETACH).unwrap();
    assert_eq!(attempt(&tool), OK);

    // Of a file that has no name any more.
    let nameless = fs::File::open(copy(&tool, &host.at("opt/gone"))).unwrap();
    fs::remove_file(host.at("opt/gone")).unwrap();
    rustix::io::fcntl_setfd(&nameless, rustix::io::FdFlags::empty()).unwrap();
    assert_eq!(attempt(Path::new(&format!("/proc/self/fd/{}", nameless.as_raw_fd()))), Ran::Denied, "a deleted file");

    // Written through a mapped page: no write that fanotify sees, but the file is opened for it.
    let victim = host.at("opt/tool");
    write_mapped(&victim);
    host.eventually("a write through a mapping is noticed", || attempt(&victim) == Ran::Denied);
    fs::rename(copy("/bin/true", &host.at("opt/new")), &victim).unwrap();
    assert_eq!(attempt(&victim), OK, "its content is back");

    // Overwritten in place, then renamed over.
    fs::write(&victim, fs::read("/bin/false").unwrap()).unwrap();
    assert_eq!(attempt(&victim), Ran::Denied, "overwritten in place");
    fs::rename(copy("/bin/true", &host.at("opt/new")), &victim).unwrap();
    fs::rename(copy("/bin/false", &host.at("opt/new")), &victim).unwrap();
    assert_eq!(attempt(&victim), Ran::Denied, "renamed over");
    fs::rename(copy("/bin/true", &host.at("opt/new")), &victim).unwrap();
}

/// Changes the last byte.
fn write_mapped(path: &Path) {
    let file = fs::File::options().read(true).write(true).open(path).unwrap();
    let length = file.metadata().unwrap().len() as usize;
    // SAFETY: a fresh shared mapping of a file that is open, of its own length; nothing else refers to it.
    unsafe {
        let at = libc::mmap(
            std::ptr::null_mut(),
            length,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_SHARED,
            file.as_raw_fd(),
            0,
        );
        assert_ne!(at, libc::MAP_FAILED);
        *at.cast::<u8>().add(length - 1) ^= 1;
        libc::munmap(at, length);
    }
}

fn names_that_change_while_they_are_looked_at_gain_nothing(host: &Host) {
    let (tool, evil) = (host.at("opt/tool"), copy("/bin/false", &host.at("opt/evil")));
    let link = host.at("opt/swapped");
    let (done, next) = (AtomicBool::new(false), host.at("opt/next"));
    let ran = std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0.. {
                if done.load(Ordering::Relaxed) {
                    return;
                }
                let _ = fs::remove_file(&next);
                std::os::unix::fs::symlink(if n % 2 == 0 { &tool } else { &evil }, &next).unwrap();
                fs::rename(&next, &link).unwrap();
            }
        });
        while !link.exists() {
            std::thread::yield_now();
        }
        let ran: Vec<Ran> = (0..200).map(|_| run(&mut Command::new(&link))).collect();
        done.store(true, Ordering::Relaxed);
        ran
    });
    // `false` never ran: it would have ended with 1.
    assert!(ran.iter().all(|one| matches!(one, Ran::Denied | Ran::Ended(Some(0)))), "{ran:?}");
    assert!(ran.contains(&Ran::Denied) && ran.contains(&OK));
}

fn interpreters_and_the_loader_run_only_what_is_trusted(host: &Host) {
    let shell = || Command::new(host.at("bin/sh"));
    let (good, evil) = (host.at("opt/good.sh"), host.file("opt/evil.sh", "exit 0\n"));
    assert_eq!(run(shell().arg(&good)), OK);
    assert_eq!(run(&mut Command::new(&good)), OK, "by its #!");
    assert_eq!(run(shell().arg(&evil)), Ran::Denied, "as an argument");
    assert_eq!(run(shell().args(["-e", "evil.sh"]).current_dir(host.at("opt"))), Ran::Denied, "a relative name");
    let with_line = host.file("opt/evil2.sh", &format!("#!{}\nexit 0\n", host.at("bin/sh").display()));
    assert_eq!(run(&mut Command::new(with_line)), Ran::Denied, "by its #!");
    assert_eq!(run(shell().stdin(fs::File::open(&evil).unwrap())), Ran::Denied, "at its standard input");
    assert_eq!(run(shell().stdin(fs::File::open(&good).unwrap())), OK);
    assert_eq!(run(shell().arg("-c").arg("exit 0")), OK, "the policy allows code as an argument");
    assert_eq!(piped(&mut shell()), Ran::Denied, "through a pipe");
    let loader = || Command::new(host.at("lib/ld-linux-x86-64.so.2"));
    assert_eq!(run(loader().arg(host.at("opt/tool"))), OK);
    let evil = copy("/bin/true", &host.at("opt/evil"));
    assert_eq!(run(loader().arg(&evil)), Ran::Denied, "given to the loader");
    assert_eq!(run(loader().arg("--preload").arg("x").arg(&evil)), Ran::Denied, "behind an option");
}

/// Any library will do.
const LIBRARY: &str = "/lib/x86_64-linux-gnu/libm.so.6";

fn a_library_is_loaded_only_when_it_is_trusted(host: &Host) {
    if !Path::new(LIBRARY).exists() {
        return eprintln!("skipped: no {LIBRARY}");
    }
    let evil = copy(LIBRARY, &host.at("opt/evil.so"));
    let preloaded = |library: &Path| {
        let output = Command::new(host.at("opt/tool")).env("LD_PRELOAD", library).output().unwrap();
        // The loader says so and goes on without it.
        !String::from_utf8_lossy(&output.stderr).contains("cannot be preloaded")
    };
    assert!(preloaded(&host.at("opt/good.so")), "learned");
    assert!(!preloaded(&evil), "LD_PRELOAD of an unknown library");
    // Reading it is no use of it.
    assert_eq!(fs::read(&evil).unwrap(), fs::read(LIBRARY).unwrap());
}

fn piped(command: &mut Command) -> Ran {
    match command.stdin(Stdio::piped()).spawn() {
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => Ran::Denied,
        Err(error) => panic!("{error}"),
        Ok(mut child) => {
            child.stdin.take().unwrap().write_all(b"exit 0\n").unwrap();
            Ran::Ended(child.wait().unwrap().code())
        }
    }
}

fn what_runs_unasked_is_ended(host: &Host) {
    // From memory.
    let memory = rustix::fs::memfd_create("evil", rustix::fs::MemfdFlags::empty()).unwrap();
    let mut memory = fs::File::from(memory);
    memory.write_all(&fs::read("/bin/sleep").unwrap()).unwrap();
    let path = format!("/proc/self/fd/{}", memory.as_raw_fd());
    let ended = Command::new(path).arg("60").status().unwrap();
    assert_eq!(ended.signal(), Some(libc::SIGKILL), "from memory");

    // From a file system that nobody else can see.
    let private = host.at("private");
    fs::create_dir(&private).unwrap();
    let mut child = Command::new(private.join("sleep"));
    child.arg("60");
    let (at, sleep) = (private.clone(), fs::read("/bin/sleep").unwrap());
    // SAFETY: between fork and exec the child makes a mount of its own and writes a file; this process has no other
    // thread that could hold a lock which that needs.
    unsafe {
        child.pre_exec(move || {
            if libc::unshare(libc::CLONE_NEWNS) != 0 {
                return Err(std::io::Error::last_os_error());
            }
            mount("none", Path::new("/"), "", libc::MS_REC | libc::MS_PRIVATE, "");
            mount("tmpfs", &at, "tmpfs", 0, "");
            let file = at.join("sleep");
            fs::write(&file, &sleep)?;
            fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o755))
        });
    }
    assert_eq!(child.status().unwrap().signal(), Some(libc::SIGKILL), "from a mount of its own");

    // Through an overlay whose upper layer changes the tool.
    for folder in ["upper/opt", "work", "merged"] {
        fs::create_dir_all(host.at(folder)).unwrap();
    }
    copy("/bin/sleep", &host.at("upper/tool"));
    let layers = ["opt", "upper", "work"].map(|name| host.at(name).display().to_string());
    let options = format!("lowerdir={},upperdir={},workdir={}", layers[0], layers[1], layers[2]);
    mount("overlay", &host.at("merged"), "overlay", 0, &options);
    let ran = Command::new(host.at("merged/tool")).arg("60").status();
    let stopped = match ran {
        Err(error) => error.kind() == std::io::ErrorKind::PermissionDenied,
        Ok(status) => status.signal() == Some(libc::SIGKILL),
    };
    assert!(stopped, "through an overlay");
    assert!(host.status("ended").as_u64().unwrap() >= 2);
}

/// A program that ends with 0 whatever it is told, as long as the one that is put in its place.
fn raced(host: &Host) {
    let (own, evil) = (fs::read("/bin/echo").unwrap(), fs::read("/bin/sleep").unwrap());
    let path = copy("/bin/echo", &host.at("opt/raced"));
    fs::write(path, [own.as_slice(), &vec![0; evil.len().saturating_sub(own.len())]].concat()).unwrap();
}

/// The content changes between the answer and the start: what then runs is refused, or ended when its start is seen.
fn what_is_put_in_its_place_for_an_instant_does_not_run_on(host: &Host) {
    let path = host.at("opt/raced");
    let own = fs::read(&path).unwrap();
    let mut evil = fs::read("/bin/sleep").unwrap();
    evil.resize(own.len(), 0);
    let done = AtomicBool::new(false);
    let ran = std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0.. {
                if done.load(Ordering::Relaxed) {
                    return;
                }
                // Refused while it runs.
                if let Ok(open) = fs::File::options().write(true).open(&path) {
                    std::os::unix::fs::FileExt::write_all_at(&open, if n % 2 == 0 { &evil } else { &own }, 0).unwrap();
                }
            }
        });
        let ran: Vec<Ran> = (0..150).map(|_| run(Command::new(&path).arg("60"))).collect();
        done.store(true, Ordering::Relaxed);
        ran
    });
    // Sixty seconds were never slept.
    assert!(ran.iter().all(|one| matches!(one, Ran::Denied | Ran::Ended(Some(0) | None))), "{ran:?}");
    assert!(ran.contains(&Ran::Denied), "{ran:?}");
}

/// It shows the trusted content to whoever reads first, and another to whoever reads next.
fn a_file_system_that_lies_is_not_believed(host: &Host) {
    let at = host.at("lying");
    fs::create_dir(&at).unwrap();
    let lies = Lying::mount(&at, fs::read("/bin/true").unwrap(), fs::read("/bin/false").unwrap());
    assert_eq!(fs::read(at.join("tool")).unwrap().len(), fs::metadata(at.join("tool")).unwrap().len() as usize);
    // Until the gate watches it, what starts there is ended when it is seen.
    host.eventually("it is refused", || run(&mut Command::new(at.join("tool"))) == Ran::Denied);
    let report = host.json(&["lockdown", "report"]).to_string();
    assert!(report.contains("behind the kernel's back"), "{report}");
    drop(lies);
}

fn who_takes_a_trusted_process_over_is_told(host: &Host) {
    let told = |host: &Host| {
        let report = host.json(&["lockdown", "report"]);
        let all = report["unknown"].as_array().unwrap().clone();
        all.iter()
            .filter(|one| one["use"] == "taking over another process")
            .map(|one| one["count"].as_u64().unwrap())
            .sum::<u64>()
    };
    let mut victim = Command::new(host.at("opt/sleep")).arg("60").spawn().unwrap();
    let pid = victim.id() as libc::pid_t;
    // SAFETY: requests without pointers, about a child of ours.
    unsafe {
        assert_eq!(libc::ptrace(libc::PTRACE_SEIZE, pid, 0, 0), 0);
        libc::ptrace(libc::PTRACE_INTERRUPT, pid, 0, 0);
        libc::waitpid(pid, std::ptr::null_mut(), libc::__WALL);
        libc::ptrace(libc::PTRACE_DETACH, pid, 0, 0);
    }
    host.eventually("the tracer is told", || told(host) == 1);
    drop(fs::File::options().write(true).open(format!("/proc/{pid}/mem")).unwrap());
    host.eventually("who opens its memory is told", || told(host) == 2);
    victim.kill().unwrap();
    victim.wait().unwrap();
}

#[test]
fn what_the_tier_cannot_keep_is_said() {
    let words = |tier| format!("{:?}", verdict::lockdown::not_kept(tier));
    for attack in ["ptrace", "/proc/PID/mem", "library", "exchanged", "memfd"] {
        assert!(words(event::Tier::Gate).contains(attack), "{attack}");
    }
    assert!(words(event::Tier::Observe).contains("any execution"));
    // What the kernel refuses is no limit of its tier.
    for attack in ["(memfd)", "ptrace", "hard link", "a kernel module"] {
        assert!(!words(event::Tier::Enforce).contains(attack), "{attack}");
    }
}
