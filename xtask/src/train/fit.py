"""Splits, trains, measures. Called by `cargo xtask train`; every figure of the model card comes from here.

Arguments: cache folder, checkout, folder of public data, path of the `features` tool, folder of EMBER2024 files or `-`.
Out, in `<cache>/fit/`: `<model>.lightgbm.txt` and `<model>.card.json` for what may ship, and `report.json` with everything measured, also of what
may not.

What holds for every model:
- Negatives are split by *source package*, so that no program's other architecture, release or sibling is on both sides. Positives
  are split by technique, generator family or cluster, so that what is measured is the unseen kind.
- Thresholds are chosen on out-of-fold scores of the training side alone; the held-out side is scored once, by the model that ships.
- Duplicates go by SHA-256 and then by the row of features, and a row that is on both sides of the label is taken out of the positives.
"""

import json
import sys

import lightgbm as lgb
import numpy as np

from fit_commands import commands
from fit_elf import elf
from fit_ember import ember
from fit_scripts import scripts
from measure import DAY, OUT, PARAMETERS, QUICK, SEED, TRAIN_PERCENT, say


def main():
    only = sys.argv[7:] or ["scripts", "commands", "elf", "ember"]
    report = dict(quick=QUICK, seed=SEED, day=DAY, train_percent=TRAIN_PERCENT, parameters={k: v for k, v in PARAMETERS.items() if k != "num_threads"}, versions=dict(python=sys.version.split()[0], lightgbm=lgb.__version__, numpy=np.__version__))
    for name, step in dict(scripts=scripts, commands=commands, elf=elf, ember=ember).items():
        if name in only:
            say("fit:", name)
            for model in dict(scripts=["shell", "python", "perl", "php", "javascript"], commands=["command"], elf=["elf"], ember=["pe", "any-file"]).get(name, []):
                for end in ("lightgbm.txt", "card.json", "scores.tsv"):
                    (OUT / f"{model}.{end}").unlink(missing_ok=True)
            (OUT / f"report-{name}.json").write_text(json.dumps(dict(report, **{name: step()}), indent=1, default=float))


main()
