//! A thread in a mount namespace of its own with an empty tmpfs: what is marked or mounted there touches nobody else and
//! is gone with the thread.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

pub fn confined<T: Send>(body: impl FnOnce(&Path) -> T + Send) -> T {
    let dir = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        let run = scope.spawn(|| {
            // SAFETY: only this thread's view of mounts changes; its children inherit it.
            assert_eq!(unsafe { libc::unshare(libc::CLONE_NEWNS) }, 0, "{}", io::Error::last_os_error());
            mount("none", Path::new("/"), "", libc::MS_REC | libc::MS_PRIVATE);
            mount("tmpfs", dir.path(), "tmpfs", 0);
            body(dir.path())
        });
        run.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn mount(source: &str, at: &Path, kind: &str, flags: libc::c_ulong) {
    let c = |text: &str| std::ffi::CString::new(text).unwrap();
    let (source, at, kind) = (c(source), c(at.to_str().unwrap()), c(kind));
    // SAFETY: C strings that live through the call.
    let result = unsafe { libc::mount(source.as_ptr(), at.as_ptr(), kind.as_ptr(), flags, std::ptr::null()) };
    assert_eq!(result, 0, "mount: {}", io::Error::last_os_error());
}

/// A copy of a small real program.
pub fn program(dir: &Path, name: &str) -> PathBuf {
    let path = dir.join(name);
    fs::copy("/bin/true", &path).unwrap();
    path
}

/// None when it ran; otherwise why it could not be started. Another thread that forks at the wrong moment can hold a
/// just-written program open for a blink: that is not what is tested.
pub fn run(path: &Path) -> Option<io::ErrorKind> {
    loop {
        match Command::new(path).status() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => std::thread::yield_now(),
            Err(error) => return Some(error.kind()),
            Ok(status) => {
                assert!(status.success());
                return None;
            }
        }
    }
}

/// This very test program, running one helper test that does nothing unless `TAMON_TEST_HELPER` is set.
pub fn helper(test: &str, argument: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env("TAMON_TEST_HELPER", argument);
    command
}

pub fn helper_argument() -> Option<PathBuf> {
    std::env::var_os("TAMON_TEST_HELPER").map(PathBuf::from)
}

/// Until it holds, or for half a minute.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..3_000 {
        if holds() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("never came true: {what}");
}
