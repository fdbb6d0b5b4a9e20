//! From answers and alerts to what is most likely meant: each hypothesis with every vote for and against it.

use super::catalogue::{Catalogue, Hypothesis};
use super::model::{AnswerState, Answered, Vote, Weighed};
use crate::model::{Incident, Text};

/// A lead of fewer votes than this decides nothing.
const LEAD: i64 = 3;
/// A hypothesis with fewer votes for it is not named as the likely one.
const ENOUGH: i64 = 4;

/// Hypotheses that anything spoke for or against, best supported first; and the state of the case in one sentence.
pub fn conclude(incident: &Incident, catalogue: &Catalogue, answers: &[Answered]) -> (Vec<Weighed>, Text) {
    let mut all: Vec<Weighed> = catalogue
        .hypotheses
        .iter()
        .map(|hypothesis| weigh(hypothesis, incident, answers))
        .filter(|weighed| !weighed.reasons.is_empty())
        .collect();
    all.sort_by(|a, b| balance(b).cmp(&balance(a)).then_with(|| a.id.cmp(&b.id)));
    let sentence = sentence(&all, answers);
    (all, sentence)
}

fn balance(weighed: &Weighed) -> i64 {
    i64::from(weighed.support) - i64::from(weighed.against)
}

fn weigh(hypothesis: &Hypothesis, incident: &Incident, answers: &[Answered]) -> Weighed {
    let mut reasons: Vec<Vote> = told(hypothesis, incident).into_iter().collect();
    for (index, answered) in answers.iter().enumerate() {
        let weight = answered.weights.get(&hypothesis.id).copied().unwrap_or(0);
        if answered.state == AnswerState::Answered && weight != 0 {
            // The same question about another subject says it again, and less.
            let before = answers[..index]
                .iter()
                .filter(|other| other.question_id == answered.question_id)
                .any(|other| other.weights.get(&hypothesis.id).is_some_and(|w| w.signum() == weight.signum()));
            let weight = if before { weight.signum() } else { weight };
            reasons.push(Vote {
                weight,
                because: answered.answer.clone(),
                answer: u32::try_from(index).ok(),
                alerts: answered.alerts.clone(),
            });
        }
    }
    reasons.sort_by_key(|vote| std::cmp::Reverse(vote.weight.unsigned_abs()));
    let sum = |wanted: i32| -> u32 {
        reasons.iter().filter(|vote| vote.weight.signum() == wanted).map(|vote| vote.weight.unsigned_abs()).sum()
    };
    Weighed { id: hypothesis.id.clone(), name: hypothesis.name(), support: sum(1), against: sum(-1), reasons }
}

/// What the incident's own techniques say: the strongest vote counts once, since one act is often told several ways.
fn told(hypothesis: &Hypothesis, incident: &Incident) -> Option<Vote> {
    let weight_of = |technique: &String| {
        let parent = technique.split('.').next().unwrap_or(technique);
        let weight = hypothesis.techniques.get(technique).or_else(|| hypothesis.techniques.get(parent)).copied();
        weight.filter(|weight| *weight != 0).map(|weight| (weight, technique.clone()))
    };
    let votes: Vec<(i32, String)> = incident.techniques.iter().filter_map(weight_of).collect();
    let (weight, _) = votes.iter().max_by_key(|(weight, _)| weight.unsigned_abs())?;
    let names = votes.iter().map(|(_, technique)| technique.as_str()).collect::<Vec<_>>().join(", ");
    let of = |entry: &&crate::model::TimelineEntry| {
        entry.techniques.iter().any(|told| votes.iter().any(|(_, technique)| technique == told))
    };
    Some(Vote {
        weight: *weight,
        because: Text {
            en: format!("The alerts name {names}"), ja: format!("アラートが {names} を示しています")
        },
        answer: None,
        alerts: incident.timeline.iter().filter(of).filter_map(|entry| entry.alert.clone()).take(5).collect(),
    })
}

fn sentence(all: &[Weighed], answers: &[Answered]) -> Text {
    let answered = answers.iter().filter(|answered| answered.state == AnswerState::Answered).count();
    let open = answers.len() - answered;
    let (first, second) = (all.first(), all.get(1));
    let lead = first.map_or(0, balance) - second.map_or(0, balance).max(0);
    let (en, ja) = match first {
        Some(best) if balance(best) >= ENOUGH && lead >= LEAD => (
            format!("Most likely: {} ({} for, {} against).", best.name.en, best.support, best.against),
            format!("最も可能性が高いのは「{}」です（賛成 {}、反対 {}）。", best.name.ja, best.support, best.against),
        ),
        Some(best) if balance(best) >= ENOUGH => {
            let other = second.unwrap_or(best);
            (
                format!("Undecided: {} and {} are both supported.", best.name.en, other.name.en),
                format!("判断できません: 「{}」と「{}」の両方に裏付けがあります。", best.name.ja, other.name.ja),
            )
        }
        _ => (
            "Undecided: nothing speaks clearly for any explanation.".to_owned(),
            "判断できません: どの説明にも明確な裏付けがありません。".to_owned(),
        ),
    };
    match open {
        0 => Text { en, ja },
        open => Text {
            en: format!("{en} {open} of {} questions got no answer.", answers.len()),
            ja: format!("{ja} {} 件の質問のうち {open} 件は回答が得られませんでした。", answers.len()),
        },
    }
}
