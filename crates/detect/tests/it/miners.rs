//! Miners by voices that add up, and the honest work that has some of the same voices.

use super::stream::Stream;
use event::FlowProtocol::{GetWork, HttpConnect, Socks, Stratum, Tls};
use event::{FileOp, Severity};

/// What is done below a shell, and whether it is told as a miner.
#[track_caller]
fn check(miner: bool, work: impl Fn(&mut Stream)) {
    let mut stream = Stream::new();
    stream.exec(2, 1, "/usr/bin/bash", "-bash");
    work(&mut stream);
    stream.told(if miner { &["miner.coin-miner"] } else { &[] });
}

#[test]
fn stratum_on_the_wire_is_enough() {
    check(true, |s| {
        s.exec(10, 2, "/home/u/m", "m").flow(10, Stratum, "mining.subscribe", "").flow(
            10,
            Stratum,
            "mining.authorize",
            "",
        );
    });
    let mut s = Stream::new();
    s.exec(10, 1, "/home/u/m", "m").flow(10, Stratum, "login", "");
    let finding = &s.findings[0];
    assert_eq!((finding.severity, finding.asks), (Severity::High, Some(event::Action::Kill)));
    assert_eq!(finding.techniques[0].to_string(), "T1496.001");
    assert!(finding.detail.contains("Stratum (login) to 192.0.2.7:443"), "{}", finding.detail);
}

#[test]
fn tls_and_proxies_hide_the_words_but_not_the_rest() {
    check(true, |s| {
        s.exec(10, 2, "/home/u/m", "m").flow(10, Tls, "", "pool.supportxmr.com").load(10, 6, 4, |_| {});
    });
    check(true, |s| {
        s.exec(10, 2, "/home/u/m", "m").connect(10, "127.0.0.1:9050");
        s.flow(10, Socks, "socks5", "xmr-eu1.nanopool.org:14433");
    });
    check(true, |s| {
        s.exec(10, 2, "/home/u/m", "m").flow(10, HttpConnect, "CONNECT", "pool.hashvault.pro:443").load(
            10,
            31,
            8,
            |_| {},
        );
    });
    check(false, |s| {
        s.exec(10, 2, "/home/u/m", "m").flow(10, Tls, "h2", "www.example.org").load(10, 300, 8, |_| {});
    });
}

#[test]
fn a_name_and_a_busy_processor() {
    check(true, |s| {
        s.exec(10, 2, "/home/u/m", "m").look_up(10, "gulf.moneroocean.stream").connect(10, "192.0.2.7:443");
        s.load(10, 6, 4, |_| {});
    });
    check(false, |s| {
        s.exec(10, 2, "/home/u/m", "m").look_up(10, "gulf.moneroocean.stream").connect(10, "192.0.2.7:443");
        s.load(10, 6, 4, |load| load.system_permille = 300);
    });
}

#[test]
fn an_unknown_program_in_tmp_that_computes_and_connects_to_a_pool_port() {
    check(false, |s| {
        s.exec(20, 2, "/tmp/k", "/tmp/k").connect(20, "192.0.2.7:3333");
    });
    check(true, |s| {
        s.exec(20, 2, "/tmp/k", "/tmp/k").connect(20, "192.0.2.7:3333").load(20, 5, 1, |_| {});
    });
    check(true, |s| {
        s.exec(20, 2, "/tmp/k", "/tmp/k").load(20, 5, 8, |load| load.holds_msr = true).connect(20, "192.0.2.7:3333");
    });
}

#[test]
fn command_lines() {
    check(true, |s| {
        s.exec(10, 2, "/home/u/m", "./m -o stratum+tcp://127.0.0.1:9999 -u w -p x").connect(10, "127.0.0.1:9999");
    });
    // One that ran before the agent: its command line is known, its connection is not.
    check(true, |s| {
        s.exec(10, 2, "/home/u/m", "./m --coin=monero -o h").load(10, 5, 8, |_| {});
    });
    check(true, |s| {
        let wallet = format!("./m -u 4{}", "A".repeat(94));
        s.exec(10, 2, "/home/u/m", &wallet).connect(10, "192.0.2.7:3333").load(10, 5, 8, |_| {});
    });
    check(false, |s| {
        s.exec(10, 2, "/usr/bin/grep", "grep -r stratum+tcp /srv").load(10, 5, 1, |_| {});
        s.exec(20, 2, "/usr/bin/node", "node dev-server.js --threads=2").connect(20, "127.0.0.1:3333");
        s.load(20, 40, 8, |_| {});
    });
}

#[test]
fn the_registers_of_the_processor() {
    check(true, |s| {
        s.exec(10, 2, "/tmp/m", "m").file(10, FileOp::OpenWrite { truncate: false }, "/dev/cpu/0/msr");
        s.connect(10, "192.0.2.7:3333");
    });
    check(false, |s| {
        s.exec(10, 2, "/usr/sbin/wrmsr", "wrmsr -a 0x1a4 6").file(
            10,
            FileOp::OpenWrite { truncate: false },
            "/dev/cpu/0/msr",
        );
    });
}

#[test]
fn asking_a_node_for_work_needs_more() {
    check(false, |s| {
        s.exec(10, 2, "/usr/bin/bitcoin-cli", "bitcoin-cli getblocktemplate").flow(10, GetWork, "getblocktemplate", "");
    });
    check(true, |s| {
        s.exec(10, 2, "/home/u/m", "m").flow(10, GetWork, "getwork", "").connect(10, "192.0.2.7:8332").load(
            10,
            5,
            8,
            |_| {},
        );
    });
}

#[test]
fn it_is_told_once_and_again_only_when_it_goes_on() {
    let mut s = Stream::new();
    s.exec(10, 1, "/home/u/m", "m");
    for _ in 0..50 {
        s.flow(10, Stratum, "mining.submit", "").wait(1_000);
    }
    s.told(&["miner.coin-miner"]);
    s.wait(600_000).flow(10, Stratum, "mining.submit", "");
    s.told(&["miner.coin-miner"; 2]);
}

#[test]
fn the_second_of_one_parent_is_told_too() {
    let mut s = Stream::new();
    s.exec(9, 1, "/usr/bin/bash", "bash");
    for pid in [10, 11] {
        s.exec(pid, 9, "/home/u/m", "m").flow(pid, Stratum, "mining.subscribe", "").wait(1_000);
    }
    s.told(&["miner.coin-miner"; 2]);
}

#[test]
fn a_compile_raises_nothing() {
    check(false, |s| {
        s.exec(10, 2, "/usr/bin/make", "make -j8").exec(11, 10, "/home/u/.cargo/bin/cargo", "cargo build");
        s.flow(11, Tls, "h2", "static.crates.io").connect(11, "203.0.113.9:443");
        for n in 0..8 {
            s.exec(100 + n, 10, "/usr/lib/gcc/x86_64-linux-gnu/12/cc1plus", "cc1plus big.cc").load(
                100 + n,
                60,
                1,
                |load| {
                    load.system_permille = 30;
                },
            );
        }
        s.exec(200, 11, "/home/u/.rustup/toolchains/stable/bin/rustc", "rustc --crate-name pool").load(
            200,
            120,
            8,
            |_| {},
        );
        s.exec(201, 10, "/usr/bin/distcc", "distcc").connect(201, "192.0.2.1:3632").load(201, 30, 1, |_| {});
    });
}

#[test]
fn a_video_encode_raises_nothing() {
    check(false, |s| {
        s.exec(
            10,
            2,
            "/usr/bin/ffmpeg",
            "ffmpeg -i a.mkv -c:v libx265 -x265-params pools=8 rtmp://192.0.2.9:5555/live",
        );
        s.look_up(10, "video.example.org").connect(10, "192.0.2.9:5555");
        s.load(10, 3600, 8, |load| load.libraries = vec!["libOpenCL.so.1".into()]);
        // A build of it that is not of a package, from where somebody unpacked it.
        s.exec(11, 2, "/tmp/ffmpeg-static/ffmpeg", "ffmpeg -i a.mkv b.mp4").load(11, 3600, 8, |_| {});
    });
}

#[test]
fn a_database_raises_nothing() {
    check(false, |s| {
        s.exec(10, 1, "/usr/lib/postgresql/15/bin/postgres", "postgres: worker process: connection pool");
        s.connect(10, "192.0.2.1:5555").load(10, 600, 1, |load| load.huge_page_bytes = 8 << 30);
        s.exec(11, 1, "/opt/clickhouse/clickhouse", "clickhouse server").load(11, 300, 8, |load| {
            load.huge_page_bytes = 8 << 30;
            load.pinned_threads = 8;
        });
        s.connect(11, "192.0.2.2:9000");
    });
}

#[test]
fn a_scientific_job_raises_nothing() {
    check(false, |s| {
        s.exec(10, 2, "/usr/bin/mpirun", "mpirun -np 8 ./lattice");
        for n in 0..8 {
            // One rank a processor, huge pages, hwloc, a port of the cluster's choice: all that a miner has but the pool.
            s.exec(100 + n, 10, "/home/u/lattice", "./lattice --threads=1 --pool-size=4")
                .connect(100 + n, "192.0.2.3:4444");
            s.load(100 + n, 7200, 1, |load| {
                load.processors = 1;
                load.pinned_threads = 1;
                load.huge_page_bytes = 2 << 30;
                load.libraries = vec!["libhwloc.so.15".into()];
            });
        }
        s.exec(200, 2, "/opt/conda/bin/python3.11", "python train.py").flow(200, Tls, "", "huggingface.co");
        s.load(200, 7200, 8, |load| load.libraries = vec!["libcuda.so.1".into()]);
    });
}
