"""A model for command lines."""

import numpy as np
import yaml

from measure import DAY, HERE, SHARED, auc, balanced, bucket, count_by, debian, examples, folds, legend, may_block, points, save, texts, tpr_table, train


def atomic():
    """Commands of Atomic Red Team's Linux tests, one record a line: (technique, test, line)."""
    import tarfile
    found = []
    with tarfile.open(SHARED / "atomic-red-team/atomic-linux-dev.tar.xz") as tar:
        for member in tar:
            if not member.name.endswith(".yaml"):
                continue
            document = yaml.safe_load(tar.extractfile(member).read())
            for number, test in enumerate(document.get("atomic_tests", [])):
                executor = test.get("executor", {})
                if "linux" not in test.get("supported_platforms", []) or executor.get("name") not in ("sh", "bash"):
                    continue
                text = executor.get("command") or ""
                for name, argument in (test.get("input_arguments") or {}).items():
                    text = text.replace("#{" + name + "}", str(argument.get("default", "")))
                text = text.replace("PathToAtomicsFolder", "/tmp/atomics").replace("\\\n", " ")
                for line in text.splitlines():
                    line = line.strip()
                    if len(line) >= 6 and " " in line and not line.startswith("#"):
                        found.append((document["attack_technique"], f"{document['attack_technique']}#{number}", line))
    return found


def commands():
    layout = "command-1"
    names = legend(layout)
    lines = atomic()
    records = [(f"atomic\t-\t{test}\t-\t{technique.split('.')[0]}\t{test}", line) for technique, test, line in lines]
    positives = texts(layout, "atomic", records)
    negatives = debian(layout).deduplicated()
    known = {row.tobytes() for row in negatives.x}
    shared_rows = np.array([row.tobytes() in known for row in positives.x])
    all_tests = set(positives.meta["group"])
    positives = positives.take(~shared_rows).deduplicated()
    keep = np.array([n not in {"text.size", "longer_than_looked_at"} for n in names])
    positives.x, negatives.x = positives.x * keep, negatives.x * keep
    side = np.array([bucket(s) < 60 for s in negatives.meta["source"]])
    fit_neg, test_neg = negatives.take(side), negatives.take(~side)
    # Techniques are few, so each is held out once: five folds by technique, each trained without its techniques. The model that
    # ships is trained on all of them; what is measured of it are negatives that no fold saw.
    x = np.concatenate([positives.x, fit_neg.x])
    y = np.concatenate([np.ones(len(positives)), np.zeros(len(fit_neg))])
    fold = folds(np.concatenate([positives.meta["source"], fit_neg.meta["source"]]))
    oof, held = np.zeros(len(y)), np.zeros((5, len(test_neg)))
    rounds = 200
    for k in range(5):
        inside = fold != k
        booster = train(x[inside], y[inside], balanced(y[inside]), names, rounds)
        oof[~inside], held[k] = booster.predict(x[~inside]), booster.predict(test_neg.x)
    model = train(x, y, balanced(y), names, rounds)
    test_score = model.predict(test_neg.x)
    pos, oof_neg = oof[:len(positives)], oof[len(positives):]
    # A host runs thousands of commands a day and few scripts that it never saw.
    made = points(oof_neg, test_score, pos, suspicious=0.0005)
    # What distributions run by themselves is not what people type; these lines are ours, and no training sees them.
    everyday = texts(layout, "everyday", [("everyday", line) for line in (HERE / "everyday.txt").read_text().splitlines() if line])
    everyday_score = model.predict(everyday.x * keep)
    everyday_wrong = int((everyday_score >= made[0]["threshold"]).sum())
    above = points(oof_neg, test_score, pos, floor=float(np.nextafter(everyday_score.max(), 2)), suspicious=0.0005)[0]
    threshold = made[0]["threshold"]
    tests = {}
    for test, s in zip(positives.meta["group"], pos):
        tests[test] = max(tests.get(test, 0), float(s))
    techniques = {}
    for test, s in tests.items():
        found = techniques.setdefault(test.split("#")[0], [0, 0])
        found[0] += s >= threshold
        found[1] += 1
    report = dict(everyday=[everyday_wrong, len(everyday)], above_everyday=above, lines=len(lines), tests=len(all_tests), tests_judged=len(tests), techniques=len(techniques), shared_with_negatives=int(shared_rows.sum()), fit_positives=len(positives), fit_negatives=len(fit_neg), test_negatives=len(test_neg),
                  auc=auc(np.concatenate([np.ones(len(pos)), np.zeros(len(test_neg))]), np.concatenate([pos, held.mean(axis=0)])), tpr=tpr_table(pos, held.mean(axis=0)),
                  points=made, tests_found=sum(1 for s in tests.values() if s >= threshold), techniques_found=sum(1 for f, _ in techniques.values() if f), by_technique={k: v for k, v in sorted(techniques.items())}, rounds=rounds,
                  false_positives=examples(test_neg, test_score, threshold), gain=[[n, round(float(g))] for g, n in sorted(zip(model.feature_importance("gain"), names), reverse=True)[:25]],
                  by_kind=count_by(np.array([kind_of(p) for p in test_neg.meta["path"]], dtype=object), test_score, threshold))
    reasons = []
    if made[0]["false_positive_rate_upper"] > 0.01:
        reasons.append("false positives on held-out packages may be over 1 % (upper end of 95 %)")
    if made[0]["true_positive_rate"] < 0.3:
        reasons.append("finds less than three in ten of the held-out lines")
    if everyday_wrong > 0.01 * len(everyday):
        reasons.append(f"calls {everyday_wrong} of {len(everyday)} everyday commands of an administrator suspicious (`{HERE.name}/everyday.txt`); above all of those it would find {100 * above['true_positive_rate']:.1f} % of the held-out lines")
    report["ships"], report["why_not"] = not reasons, reasons
    if not reasons:
        save("command", model, dict(name="command", version="1", kind="command", layout=layout, points=[made[0]] + ([made[1]] if may_block(made[1]) else []), trained=DAY,
                                    data=["Atomic Red Team, Linux tests (MIT), held out by technique", "Debian packages: maintainer scripts, cron jobs, units, scripts in /etc, split by source package"], licence="Apache-2.0",
                                    caution="Discovery commands of an attacker and of an administrator are the same text. One line is a hint; count it with others."),
             np.concatenate([test_neg.x[:2], positives.x[:2]]))
    return report


def kind_of(path):
    return "maintainer script" if path.startswith("DEBIAN/") else "cron" if "cron" in path else "unit" if path.endswith((".service", ".timer", ".socket")) else "/etc script"
