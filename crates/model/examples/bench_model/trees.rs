//! A model of random trees as large as a real one.

use std::fmt::Write as _;

pub const TREES: usize = 500;
const LEAVES: usize = 64;

/// LightGBM's text of random trees: thresholds where features of files lie, so that walks go both ways.
pub fn random_model(width: usize) -> String {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as usize % below
    };
    let names: Vec<String> = (0..width).map(|index| format!("Column_{index}")).collect();
    let mut text = format!(
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx={}\nobjective=binary sigmoid:1\nfeature_names={}\nfeature_infos={}\n\n",
        width - 1,
        names.join(" "),
        vec!["none"; width].join(" ")
    );
    for tree in 0..TREES {
        // Leaf-wise growth: each split takes the place of a random leaf.
        let (mut left, mut right, mut counts) = (vec![-1i64], vec![-2i64], vec![0u64; LEAVES - 1]);
        for split in 1..LEAVES - 1 {
            let leaf = -1 - random(split + 1) as i64;
            for child in left.iter_mut().chain(&mut right) {
                if *child == leaf {
                    *child = split as i64;
                }
            }
            left.push(leaf);
            right.push(-2 - split as i64);
        }
        let leaves: Vec<u64> = (0..LEAVES).map(|_| 100 + random(5000) as u64).collect();
        for split in (0..LEAVES - 1).rev() {
            let of = |child: i64, counts: &[u64]| {
                if child < 0 { leaves[(-1 - child) as usize] } else { counts[child as usize] }
            };
            counts[split] = of(left[split], &counts) + of(right[split], &counts);
        }
        let join = |values: &mut dyn Iterator<Item = String>| values.collect::<Vec<_>>().join(" ");
        let features: Vec<usize> = (0..LEAVES - 1).map(|_| random(width)).collect();
        let thresholds: Vec<f64> = features
            .iter()
            .map(|feature| match feature {
                0 => 100_000.0,
                1 => 6.0,
                7..=518 | 522..=617 => 0.004,
                _ => random(3) as f64 + 0.5,
            })
            .collect();
        let _ = write!(
            text,
            "Tree={tree}\nnum_leaves={LEAVES}\nnum_cat=0\nsplit_feature={}\nsplit_gain={}\nthreshold={}\ndecision_type={}\nleft_child={}\nright_child={}\nleaf_value={}\nleaf_weight={}\nleaf_count={}\ninternal_value={}\ninternal_weight={}\ninternal_count={}\nis_linear=0\nshrinkage=0.1\n\n\n",
            join(&mut features.iter().map(ToString::to_string)),
            join(&mut features.iter().map(|_| "1".into())),
            join(&mut thresholds.iter().map(ToString::to_string)),
            join(&mut features.iter().map(|_| "2".into())),
            join(&mut left.iter().map(ToString::to_string)),
            join(&mut right.iter().map(ToString::to_string)),
            join(&mut (0..LEAVES).map(|_| (random(2001) as f64 / 10_000.0 - 0.1).to_string())),
            join(&mut leaves.iter().map(ToString::to_string)),
            join(&mut leaves.iter().map(ToString::to_string)),
            join(&mut counts.iter().map(|_| "0".into())),
            join(&mut counts.iter().map(ToString::to_string)),
            join(&mut counts.iter().map(ToString::to_string)),
        );
    }
    text + "end of trees\n"
}
