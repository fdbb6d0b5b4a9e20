//! How the sum of the leaves becomes a score, by the objective that the model was trained with.

use serde::{Deserialize, Serialize};

/// LightGBM's objectives, reduced to their transforms.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Objective {
    /// Regression, ranking, or an objective of the trainer's own.
    Identity,
    /// `regression` trained on square roots.
    SignedSquare,
    /// Poisson, gamma, tweedie.
    Exponential,
    /// `binary` and `cross_entropy` (with 1): 1 / (1 + exp(-sigmoid · x)).
    Logistic { sigmoid: f64 },
    /// `cross_entropy_lambda`: ln(1 + exp(x)).
    SoftPlus,
    /// `multiclass`.
    Softmax,
    /// `multiclassova`: a logistic for each class.
    OneVersusAll { sigmoid: f64 },
}

impl Objective {
    /// Reads the `objective=` line: a name and `key:value` parameters. `None` for one that is not known.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let name = words.next()?;
        let mut sigmoid = 1.0;
        let mut sqrt = false;
        for word in words {
            match word.split_once(':') {
                Some(("sigmoid", value)) => sigmoid = value.parse().ok().filter(|s: &f64| s.is_finite() && *s > 0.0)?,
                Some(_) => {}
                None => sqrt |= word == "sqrt",
            }
        }
        Some(match name {
            "regression" | "regression_l1" | "huber" | "fair" if sqrt => Objective::SignedSquare,
            "regression" | "regression_l1" | "huber" | "fair" | "quantile" | "mape" => Objective::Identity,
            "lambdarank" | "rank_xendcg" | "custom" => Objective::Identity,
            "poisson" | "gamma" | "tweedie" => Objective::Exponential,
            "binary" => Objective::Logistic { sigmoid },
            "cross_entropy" => Objective::Logistic { sigmoid: 1.0 },
            "cross_entropy_lambda" => Objective::SoftPlus,
            "multiclass" => Objective::Softmax,
            "multiclassova" => Objective::OneVersusAll { sigmoid },
            _ => return None,
        })
    }

    /// In place.
    pub fn transform(self, values: &mut [f64]) {
        match self {
            Objective::Identity => {}
            Objective::SignedSquare => values.iter_mut().for_each(|x| *x *= x.abs()),
            Objective::Exponential => values.iter_mut().for_each(|x| *x = x.exp()),
            Objective::Logistic { sigmoid } | Objective::OneVersusAll { sigmoid } => {
                values.iter_mut().for_each(|x| *x = 1.0 / (1.0 + (-sigmoid * *x).exp()));
            }
            Objective::SoftPlus => values.iter_mut().for_each(|x| *x = x.exp().ln_1p()),
            Objective::Softmax => softmax(values),
        }
    }
}

fn softmax(values: &mut [f64]) {
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for value in values.iter_mut() {
        *value = (*value - largest).exp();
        sum += *value;
    }
    values.iter_mut().for_each(|value| *value /= sum);
}
