//! Compilers, package tools, archives, synchronisation, rotation: thousands of files, and nothing to tell.

use super::stream::Stream;

fn check(work: impl Fn(&mut Stream)) {
    let mut stream = Stream::new();
    stream.exec(2, 1, "/usr/bin/bash", "-bash");
    work(&mut stream);
    stream.told(&[]);
}

#[test]
fn compile() {
    check(|s| {
        s.exec(10, 2, "/usr/bin/make", "make -j2");
        for n in 0..300 {
            let pid = 100 + n;
            s.exec(pid, 10, "/usr/bin/x86_64-linux-gnu-gcc-12", "gcc -c");
            s.create(pid, &format!("/tmp/cc{n}.s"))
                .create(pid, &format!("/src/f{n}.c.o"))
                .unlink(pid, &format!("/tmp/cc{n}.s"));
            s.create(pid, &format!("/src/f{n}.d.tmpq")).rename(
                pid,
                &format!("/src/f{n}.d.tmpq"),
                &format!("/src/f{n}.d"),
            );
        }
        s.exec(900, 10, "/usr/bin/x86_64-linux-gnu-ld.bfd", "ld").create(900, "/tmp/a.out");
        s.exec(901, 10, "/tmp/a.out", "/tmp/a.out --version");
    });
}

#[test]
fn cargo_build() {
    check(|s| {
        s.exec(10, 2, "/root/.cargo/bin/cargo", "cargo build").connect(10, "203.0.113.9:443");
        for n in 0..200 {
            let pid = 100 + n;
            s.exec(pid, 10, "/root/.rustup/toolchains/stable/bin/rustc", "rustc");
            let object = format!("/p/target/debug/deps/c{n}.0abc.rcgu.o");
            s.create(pid, &object).unlink(pid, &object).create(pid, &format!("/p/target/debug/deps/libc{n}.rlib"));
            s.create(pid, &format!("/p/target/debug/build/b{n}/build-script-build"));
            s.exec(1_000 + n, 10, &format!("/p/target/debug/build/b{n}/build-script-build"), "build-script-build");
        }
    });
}

#[test]
fn git_checkout() {
    check(|s| {
        s.exec(10, 2, "/usr/bin/git", "git checkout main");
        for n in 0..300 {
            let path = format!("/p/src/f{n}.{}", ["rs", "md", "png", "json", "html"][n % 5]);
            s.unlink(10, &path).create(10, &path);
            s.create(10, &format!("{path}.lock")).rename(10, &format!("{path}.lock"), &path);
        }
    });
}

#[test]
fn archives() {
    check(|s| {
        s.exec(10, 2, "/usr/bin/tar", "tar xf a.tar");
        for n in 0..300 {
            s.create(10, &format!("/p/x/f{n}.{}", ["jpg", "weird", "pdf", "zzz", "q"][n % 5]));
        }
        s.exec(11, 2, "/usr/bin/unzip", "unzip -o a.zip");
        for n in 0..300 {
            s.unlink(11, &format!("/p/y/f{n}.docx")).create(11, &format!("/p/y/f{n}.docx"));
        }
        s.exec(12, 2, "/usr/bin/gzip", "gzip -r .");
        for n in 0..100 {
            s.create(12, &format!("/p/z/f{n}.csv.gz")).unlink(12, &format!("/p/z/f{n}.csv"));
        }
    });
}

#[test]
fn rsync_and_dpkg() {
    check(|s| {
        s.exec(10, 2, "/usr/bin/rsync", "rsync -a a/ b/");
        for n in 0..200 {
            let (temp, path) = (format!("/b/.f{n}.pdf.Ab{n}Z"), format!("/b/f{n}.pdf"));
            s.create(10, &temp).rename(10, &temp, &path);
        }
        for n in 0..60 {
            s.overwrite(10, &format!("/b/in-place{n}.{}", ["pdf", "jpg", "docx", "csv", "mp4"][n % 5]));
        }
        s.exec(11, 2, "/usr/bin/dpkg", "dpkg -i a.deb");
        for n in 0..300 {
            let path = format!("/usr/share/doc/p/f{n}.html");
            s.create(11, &format!("{path}.dpkg-new")).rename(11, &format!("{path}.dpkg-new"), &path);
            s.overwrite(11, &format!("/etc/p{n}.conf")).rename(
                11,
                &format!("/etc/p{n}.conf"),
                &format!("/etc/p{n}.conf.dpkg-old"),
            );
        }
    });
}

#[test]
fn npm_install() {
    check(|s| {
        s.exec(10, 2, "/usr/bin/node", "npm install").connect(10, "203.0.113.9:443");
        for n in 0..300 {
            s.create(10, &format!("/p/node_modules/a{n}/index.js"))
                .create(10, &format!("/p/node_modules/a{n}/x.d.cts"));
            s.rename(10, &format!("/p/node_modules/a{n}"), &format!("/p/node_modules/.a{n}-Kx8"));
        }
        s.create(10, "/p/node_modules/esbuild/bin/esbuild");
        s.exec(11, 10, "/p/node_modules/esbuild/bin/esbuild", "esbuild --version");
        s.exec(12, 10, "/usr/bin/dash", "sh -c node install.js");
    });
}

#[test]
fn log_rotation_and_editors() {
    check(|s| {
        s.exec(10, 1, "/usr/sbin/logrotate", "logrotate /etc/logrotate.conf");
        for n in 0..40 {
            let log = format!("/var/log/app{n}.log");
            s.overwrite(10, &log).rename(10, &log, &format!("{log}.1")).create(10, &log);
            s.create(10, &format!("{log}.2.gz")).unlink(10, &format!("{log}.2"));
        }
        s.exec(11, 2, "/usr/bin/vim.basic", "vim");
        for n in 0..20 {
            let path = format!("/p/notes{n}.md");
            s.create(11, &format!("/p/.notes{n}.md.swp")).rename(11, &path, &format!("{path}~")).create(11, &path);
            s.unlink(11, &format!("{path}~")).unlink(11, &format!("/p/.notes{n}.md.swp"));
        }
        s.exec(12, 2, "/usr/bin/sed", "sed -i s/a/b/ *.html");
        for n in 0..100 {
            s.create(12, &format!("/p/sed{n}Ab")).rename(12, &format!("/p/sed{n}Ab"), &format!("/p/page{n}.html"));
        }
    });
}

#[test]
fn people_at_work() {
    check(|s| {
        // a log-in, a terminal in an editor, waiting for a port, an installer kept in the home folder
        s.exec(10, 1, "/usr/sbin/sshd", "sshd: u@pts/0").connect(10, "192.0.2.1:389");
        s.exec(11, 10, "/usr/bin/bash", "-bash").exec(12, 11, "/usr/bin/bash", "bash");
        s.exec(20, 2, "/usr/bin/bash", "bash -c until (echo > /dev/tcp/127.0.0.1/5432); do sleep 1; done");
        s.connect(20, "127.0.0.1:5432");
        s.exec(30, 2, "/usr/bin/python3.11", "python3 app.py").connect(30, "127.0.0.1:5432");
        s.exec(31, 30, "/usr/bin/dash", "sh -c uname -a").exec(32, 31, "/usr/bin/uname", "uname -a");
        s.exec(40, 2, "/usr/bin/curl", "curl -O https://example.org/a.pdf").connect(40, "203.0.113.9:443");
        s.create(40, "/home/u/a.pdf");
        s.exec(50, 2, "/usr/bin/ssh", "ssh web").connect(50, "203.0.113.9:22");
        s.exec(60, 2, "/usr/bin/psql", "psql --user=app").connect(60, "127.0.0.1:5555");
        s.exec(70, 1, "/usr/sbin/nginx", "nginx: worker process");
        s.exec(71, 70, "/usr/bin/id", "id");
        s.exec(80, 1, "/opt/pool/server", "server --threads=4").connect(80, "127.0.0.1:8080");
    });
}
