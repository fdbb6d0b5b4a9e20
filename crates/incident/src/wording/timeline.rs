//! The timeline: one line an event.

use super::Words;

pub(super) const TIMELINE: Words = &[
    (
        "event.log_in",
        "{source} logged in as {accounts|accounts}: {title}",
        "{source} が{accounts|accounts}としてログイン：{title}",
    ),
    (
        "event.log_in_failed",
        "A log-in from {source} as {accounts|accounts} failed: {title}",
        "{source} から{accounts|accounts}としてのログインが失敗：{title}",
    ),
    ("event.request", "{source} sent a request to a server: {title}", "{source} がサーバーに要求を送信：{title}"),
    ("event.untraced", "{title}; no process is known for it", "{title}（プロセス不明）"),
    ("event.exec", "{parent} started {name}: {command}", "{parent} が {name} を起動：{command}"),
    ("event.file_read", "{name} read {file}", "{name} が {file} を読み取り"),
    ("event.file_write", "{name} wrote {file}", "{name} が {file} に書き込み"),
    ("event.file_remove", "{name} removed {file}", "{name} が {file} を削除"),
    ("event.file_change", "{name} changed {file}", "{name} が {file} を変更"),
    ("event.connect", "{name} connected to {remote}", "{name} が {remote} に接続"),
    ("event.serve", "{name} waited for or took connections", "{name} が接続を待ち受け、または受け付け"),
    ("event.dns", "{name} asked for a name", "{name} が名前を問い合わせ"),
    ("event.access", "{name} reached into process {target}", "{name} がプロセス {target} に手を伸ばした"),
    ("event.privilege", "{name} changed its privileges", "{name} が自身の権限を変更"),
    ("event.module", "{name} loaded a kernel module", "{name} がカーネルモジュールを読み込み"),
    (
        "event.memory",
        "{name} made memory executable or created a file in memory",
        "{name} がメモリを実行可能にした、またはメモリ上にファイルを作成",
    ),
    ("event.namespace", "{name} changed mounts or namespaces", "{name} がマウントまたは名前空間を変更"),
    ("event.kernel_log", "{name} cleared the kernel's log", "{name} がカーネルログを消去"),
    ("event.refused", "the kernel refused what {name} tried: {title}", "{name} の試みをカーネルが拒否：{title}"),
    ("event.bpf", "{name} loaded a BPF program", "{name} が BPF プログラムを読み込み"),
    ("event.io_uring", "{name} used io_uring", "{name} が io_uring を使用"),
    ("event.other", "{name} was told of: {title}", "{name} に関する通知：{title}"),
];
