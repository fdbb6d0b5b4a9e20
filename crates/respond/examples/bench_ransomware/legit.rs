//! Daily work on the same kinds of files under the same guard: each a real run of the real tool. None may be stopped.

use crate::agent::{Agent, Way};
use crate::corpus::Corpus;
use anyhow::Result;
use std::process::{Command, Stdio};

/// Name, the tool it needs, and what `sh` does in the folder.
const WORK: &[(&str, &str, &str)] = &[
    (
        "compile",
        "cc",
        "mkdir src && cd src && for i in $(seq 60); do echo \"int f$i(int x) { return x + $i; }\" > f$i.c; done && echo 'int main(void) { return 0; }' > main.c && for round in 1 2; do for f in *.c; do cc -c $f -o ${f%.c}.o; done; cc *.o -o prog; done && ./prog",
    ),
    (
        "git checkout",
        "git",
        "git init -q . && git config user.email t@example.org && git config user.name t && git add d0 d1 d2 d3 d4 && git commit -qm one && for f in $(find d0 d1 d2 -type f); do echo changed >> $f; done && git rm -rq d3 && git commit -qam two && git checkout -q HEAD~1 && git checkout -q - && git checkout -q HEAD~1",
    ),
    ("tar", "tar", "tar cf ../all.tar . && tar xf ../all.tar && tar xf ../all.tar --overwrite"),
    (
        "rsync",
        "rsync",
        "rsync -a d0 d1 d2 copy/ && for f in $(find copy/d0 -type f); do echo x >> $f; done && rsync -a --delete d0 d1 copy/ && rsync -a --inplace copy/d0/ d0/",
    ),
    (
        "sqlite",
        "sqlite3",
        "sqlite3 db.sqlite 'create table t(a,b)' && for i in 1 2 3 4 5 6 7 8; do sqlite3 db.sqlite \"insert into t select hex(randomblob(20)), randomblob(2000) from generate_series(1,200)\"; done && sqlite3 db.sqlite 'delete from t where rowid%3=0; vacuum'",
    ),
    (
        "backup",
        "tar",
        "cp -a d0 d1 d2 /dev/shm/tamon-backup-$$ 2>/dev/null || (mkdir -p backup && cp -a d0 d1 d2 backup); for d in d*; do tar czf $d.tgz $d; done; rm -rf /dev/shm/tamon-backup-$$",
    ),
    (
        "image conversion",
        "mogrify",
        "mkdir pics && for i in $(seq 14); do convert -size 200x150 plasma:fractal pics/p$i.png; done && for i in $(seq 14); do convert pics/p$i.png -resize 50% pics/p$i.png; convert pics/p$i.png pics/p$i.jpg && rm pics/p$i.png; done",
    ),
    (
        "find -exec sed",
        "sed",
        "find . -name '*.txt' -exec sed -i s/rice/wheat/ {} \\; && find . -name '*.csv' -exec sed -i s/2019/2020/ {} +",
    ),
    (
        "gpg of one's own archive",
        "gpg",
        "export GNUPGHOME=$PWD/../gnupg && mkdir -m 700 $GNUPGHOME && tar czf mine.tgz d0 d1 d2 d3 && gpg -q --batch --pinentry-mode loopback --passphrase x -c mine.tgz && rm mine.tgz",
    ),
    (
        "log rotation",
        "logrotate",
        "mkdir log && for i in $(seq 25); do cp d0/file000.txt log/app$i.log; done && printf '%s/log/*.log {\\n rotate 3\\n compress\\n copytruncate\\n su root root\\n}\\n' $PWD > ../rotate.conf && for i in 1 2 3 4; do logrotate -f -s ../rotate.state ../rotate.conf; for l in $(seq 25); do echo again >> log/app$l.log; done; done",
    ),
    ("compress and delete", "gzip", "gzip d5/*.txt d5/*.md d5/*.csv d5/*.sql d6/*.txt d6/*.csv"),
    ("remove a folder", "rm", "rm -rf d7 d8"),
];

/// Stops, and runs that did not succeed.
pub fn run() -> Result<(u64, u64)> {
    let (mut stops, mut failed) = (0, 0);
    for (name, tool, script) in WORK {
        let there = Command::new("sh").args(["-c", &format!("command -v {tool}")]).stdout(Stdio::null()).status()?;
        if !there.success() {
            println!("{name:26} skipped: {tool} is not installed");
            continue;
        }
        let place = tempfile::tempdir()?;
        let folder = place.path().canonicalize()?.join("files/data");
        std::fs::create_dir_all(&folder)?;
        let _corpus = Corpus::make(&folder, 0)?;
        let agent = Agent::start(&place.path().join("state"), &place.path().join("files"), Way::Gate, &[])?;
        let mut command = Command::new("sh");
        let out = command.args(["-ec", script]).current_dir(&folder).stdin(Stdio::null()).output()?;
        std::thread::sleep(std::time::Duration::from_millis(1500));
        let status = agent.status()?;
        let stopped = status["recovery"]["stopped"].as_u64().unwrap_or(1);
        let opened = status["recovery"]["gate"]["opened"].as_u64().unwrap_or(0);
        let words =
            if out.status.success() { String::new() } else { String::from_utf8_lossy(&out.stderr).into_owned() };
        println!("{name:26} stops {stopped}, opened unjudged {opened}, {} {words}", out.status);
        if stopped > 0 {
            println!("{}", agent.log());
        }
        stops += stopped;
        failed += u64::from(!out.status.success());
    }
    Ok((stops, failed))
}
