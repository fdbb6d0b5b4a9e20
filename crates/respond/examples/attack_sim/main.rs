//! Twenty ways in which ransomware and wipers work on files, variants of them, and one of theft, for tests and benches of the guard. Harmless
//! anywhere else: it refuses to run unless the folder it is given holds the marker file that a harness of ours put there,
//! and touches nothing outside that folder. It talks to nobody. What it writes is the file XORed with a stream whose seed
//! stands in this source.
//!
//! `attack_sim NAME FOLDER`; `attack_sim list`.

mod confine;
mod kinds;
mod memory;
mod others;
mod stream;
mod uring;
mod variants;

use confine::Folder;
use std::process::ExitCode;

pub type Result<T = ()> = std::io::Result<T>;
type Attack = fn(&Folder) -> Result;

const ATTACKS: &[(&str, Attack)] = &[
    ("in-place", kinds::in_place),
    ("copy-delete", kinds::copy_delete),
    ("rename-first", kinds::rename_first),
    ("intermittent", kinds::intermittent),
    ("slow-random", kinds::slow_random),
    ("multi-process", others::multi_process),
    ("multi-thread", kinds::multi_thread),
    ("mmap", memory::mmap),
    ("io-uring", uring::io_uring),
    ("script-openssl", others::script_openssl),
    ("container", others::container),
    ("smb", others::smb),
    ("headers-only", kinds::headers_only),
    ("wiper", kinds::wiper),
    ("tar-encrypt", others::tar_encrypt),
    ("as-root", kinds::in_place),
    ("service-user", others::service_user),
    ("trusted-tool", others::trusted_tool),
    ("ptrace-trusted", memory::ptrace_trusted),
    ("base64", kinds::base64),
    ("shred", variants::shred),
    ("truncate", variants::truncate),
    ("xor", variants::xor),
    ("rot13", variants::rot13),
    ("random-names", variants::random_names),
    ("rename-over", variants::rename_over),
    ("rename-all", variants::rename_all_first),
    ("rename-folders", variants::rename_folders),
    ("pack-outside", variants::pack_outside),
    ("orphans", variants::orphans),
    ("perl", variants::perl),
    ("gpg-each", variants::gpg_each),
    ("dd", variants::dd),
    ("hard-links", variants::hard_links),
    ("sparse", variants::sparse),
    ("cut", variants::cut),
    ("orphan-copies", variants::orphan_copies),
    ("wipe-some", variants::wipe_some),
    ("theft", others::theft),
    // What others of them start again.
    ("one-file", others::one_file),
    ("one-copy", variants::one_copy),
    ("wait-for-word", memory::wait_for_word),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let run = || -> Result {
        match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["list"] => {
                ATTACKS.iter().take(ATTACKS.len() - 3).for_each(|(name, _)| println!("{name}"));
                Ok(())
            }
            [name, folder, ..] => {
                let attack = ATTACKS.iter().find(|(known, _)| *known == name);
                let (_, attack) = attack.ok_or_else(|| std::io::Error::other(format!("no attack is called {name}")))?;
                attack(&Folder::open(folder)?)
            }
            _ => Err(std::io::Error::other("attack_sim NAME FOLDER")),
        }
    };
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("attack_sim: {error}");
            ExitCode::FAILURE
        }
    }
}
