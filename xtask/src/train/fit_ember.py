"""Models of EMBER2024's feature files, where the operator has them: one for Windows programs, one for files of the other types."""

import subprocess

import numpy as np

from measure import DAY, EMBER, OUT, TOOL, auc, balanced, bucket, count_by, examples, folds, legend, may_block, points, read, save, say, tpr_table, train

# What is held out where the files themselves do not say what is a test.
TEST_PERCENT = 30
ROUNDS = 400


def table(layout, files):
    """Rows of feature files; label, family and file of each beside them."""
    stem = OUT / "ember"
    subprocess.run([TOOL, "ember", layout, stem], input="\n".join(str(f) for f in files), text=True, check=True)
    return read([stem], layout).deduplicated()


def held_out(rows):
    """By the project's own test files, which are of later weeks; without any by family, so that no family is on both sides."""
    own = np.array(["test" in p for p in rows.meta["path"]])
    if own.any() and not own.all():
        return own, "EMBER2024's own test files, which are of later weeks"
    return np.array([bucket(f"ember/{s}") < TEST_PERCENT for s in rows.meta["source"]]), "family"


def one(name, kind, layout, files):
    names = legend(layout)
    rows = table(layout, files)
    y = np.array([float(g) for g in rows.meta["group"]])
    if not (y == 1).any() or not (y == 0).any():
        return dict(ships=False, why_not=[f"{len(y)} labelled files, and not of both kinds"])
    test, split = held_out(rows)
    fit_y, test_y = y[~test], y[test]
    if min(fit_y.sum(), (1 - fit_y).sum(), test_y.sum(), (1 - test_y).sum()) == 0:
        return dict(ships=False, why_not=[f"split by {split}, one side lacks harmless or harmful files"])
    x, groups = rows.x[~test], rows.meta["source"][~test]
    fold = folds(groups)
    oof = np.zeros(len(fit_y))
    for k in range(5):
        inside = fold != k
        if (~inside).any():
            oof[~inside] = train(x[inside], fit_y[inside], balanced(fit_y[inside]), names, ROUNDS).predict(x[~inside])
    model = train(x, fit_y, balanced(fit_y), names, ROUNDS)
    score = model.predict(rows.x[test])
    pos, neg = score[test_y == 1], score[test_y == 0]
    made = points(oof[fit_y == 0], neg, pos)
    threshold = made[0]["threshold"]
    held = rows.take(test)
    report = dict(split=split, files=len(files), fit=[int(fit_y.sum()), int((1 - fit_y).sum())], test=[len(pos), len(neg)], auc=auc(test_y, score), tpr=tpr_table(pos, neg), points=made,
                  by_type=count_by(held.take(test_y == 0).meta["machine"], neg, threshold), false_positives=examples(held.take(test_y == 0), neg, threshold),
                  gain=[[n, round(float(g))] for g, n in sorted(zip(model.feature_importance("gain"), names), reverse=True)[:20]])
    reasons = []
    if made[0]["false_positive_rate_upper"] > 0.01:
        reasons.append(f"false positives on held-out files may be {100 * made[0]['false_positive_rate_upper']:.1f} % (upper end of 95 %), and 1 % is the limit")
    if made[0]["true_positive_rate"] < 0.3:
        reasons.append("finds less than three in ten of the held-out files")
    report["ships"], report["why_not"] = not reasons, reasons
    if not reasons:
        save(name, model, dict(name=name, version="1", kind=kind, layout=layout, points=[made[0]] + ([made[1]] if may_block(made[1]) else []), trained=DAY,
                               data=[f"EMBER2024 feature files, held out by {split}"], licence="Apache-2.0", caution="Labels are what several scanners agreed on."),
             np.concatenate([held.x[test_y == 0][:2], held.x[test_y == 1][:2]]))
    return report


def ember():
    if EMBER is None:
        return dict(ships=False, why_not=["no EMBER2024 files were given (--ember DIR)"], models={})
    files = sorted(EMBER.rglob("*.jsonl"))
    if not files:
        raise SystemExit(f"no *.jsonl below {EMBER}")
    say(f"ember: {len(files)} feature files")
    models = dict(pe=one("pe", "pe", "ember-v3", files))
    models["any-file"] = one("any-file", "any-file", "ember-v3-general", files)
    reasons = [f"{name}: {reason}" for name, model in models.items() for reason in model["why_not"]]
    return dict(ships=any(model["ships"] for model in models.values()), why_not=reasons, models=models)
