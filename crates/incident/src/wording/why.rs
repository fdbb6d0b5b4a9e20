//! How it came in, and why each link of a lineage is thought ordinary or not.

use super::Words;

pub(super) const WHY: Words = &[
    ("how.none", "No process is known that began it", "起点となったプロセスは分かっていません"),
    (
        "how.outside",
        "It came over the network from {source}: no process of {host} is known that began it",
        "ネットワーク経由で {source} から行われました。{host} のプロセスが始めたものとは確認されていません",
    ),
    (
        "how.log_in",
        "The log-ins of this host were attacked from {source}; {name} was started under account {user} by a log-in from there",
        "{source} からこのホストのログインが攻撃され、そこからのログインによりアカウント {user} で {name} が起動されました",
    ),
    (
        "odd.descends",
        "{name} was started by something already out of the ordinary ({parent})",
        "{name} は、すでに通常から外れた {parent} によって起動されました",
    ),
    (
        "odd.fileless",
        "{name} runs from memory or from a deleted file: no installed program does",
        "{name} はメモリ上または削除済みのファイルから動いています。インストールされたプログラムではあり得ません",
    ),
    (
        "odd.temporary_place",
        "{name} runs from {executable}: programs are not installed in temporary or hidden folders",
        "{name} は {executable} から動いています。一時フォルダーや隠しフォルダーにプログラムはインストールされません",
    ),
    (
        "odd.oldest_known",
        "{name} is the oldest ancestor that is known; what started it was not seen",
        "{name} は分かっている最も古い祖先です。何がそれを起動したかは観測されていません",
    ),
    (
        "odd.orphan_shell",
        "{name} hangs directly under the first process without a service or login: whatever started it is gone",
        "{name} はサービスでもログインでもないのに最初のプロセスの直下にあります。起動元はすでに消えています",
    ),
    (
        "odd.scheduled_job",
        "{name} was started by the scheduler {parent}: the job is the first step that is not the scheduler's own",
        "{name} はスケジューラー {parent} によって起動されました。スケジューラー自身のものでない最初の一歩がこのジョブです",
    ),
    (
        "odd.remote_command",
        "{name} was started through {parent} as a remote command, without a shell at which a person sits",
        "{name} は {parent} 経由のリモートコマンドとして起動されました。人が操作するシェルはありません",
    ),
    (
        "odd.typed",
        "{name} was started by {user} at the shell {parent}: up to the shell all is usual",
        "{name} はシェル {parent} から {user} によって起動されました。シェルまではすべて通常です",
    ),
    (
        "odd.service_shell",
        "{parent} started the shell {name}: a service does not start shells in its usual role",
        "{parent} がシェル {name} を起動しました。サービスは通常シェルを起動しません",
    ),
    (
        "odd.service_tool",
        "{parent} started {name}, which is no part of that service",
        "{parent} がそのサービスの一部ではない {name} を起動しました",
    ),
    (
        "odd.told",
        "{name} is a usual program in its usual place; only what it did is out of the ordinary",
        "{name} は通常の場所にある通常のプログラムです。その動作だけが通常から外れています",
    ),
    (
        "usual.first_process",
        "{name} is the host's or container's first process",
        "{name} はホストまたはコンテナの最初のプロセスです",
    ),
    ("usual.kernel", "{name} is part of the kernel", "{name} はカーネルの一部です"),
    ("usual.service_manager", "{name} starts services: that is its role", "{name} はサービスの起動を役割とします"),
    (
        "usual.session_daemon",
        "{name} lets people log in: that is its role",
        "{name} はログインの受け付けを役割とします",
    ),
    (
        "usual.account_tool",
        "{name} lets a person act under another account",
        "{name} は別アカウントでの操作に使われます",
    ),
    ("usual.terminal", "{name} is a terminal of a person", "{name} は人が使う端末です"),
    ("usual.scheduler", "{name} starts scheduled jobs: that is its role", "{name} は定期ジョブの起動を役割とします"),
    ("usual.container_runtime", "{name} runs containers: that is its role", "{name} はコンテナの実行を役割とします"),
    (
        "usual.settled_fileless",
        "{name} runs from memory, but has run since long before and nothing was told of it",
        "{name} はメモリー上で動作していますが、以前から稼働しており、検知もありません",
    ),
    ("usual.container_main", "{name} is what its container was made to run", "{name} はコンテナ本来のプログラムです"),
    ("usual.service", "{name} is a service, started as services are", "{name} は通常どおり起動されたサービスです"),
    ("usual.worker", "{name} is a worker of the same service", "{name} は同じサービスのワーカーです"),
    ("usual.service_part", "{name} is part of the service that started it", "{name} は起動元サービスの一部です"),
    ("usual.person_shell", "{name} is a shell at which a person sits", "{name} は人が操作しているシェルです"),
];
