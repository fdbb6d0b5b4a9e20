//! What is normal: of a host as it answers now, of a role or the fleet as the node has learned it.

use super::{Query, Shared, asking, limit};
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use console_api::*;
use detect::{Asked, Picture, Relation};
use wire::CommandBody;

pub async fn show(State(node): Shared, Query(query): Query<BaselineQuery>) -> Answer<Json<BaselineView>> {
    let asked = Asked {
        relation: query.relation.map(relation),
        text: query.text.map(|text| event::text::clip(&text, 200).to_owned()),
        limit: limit(query.limit, 40, 500)?,
    };
    let roles = node.baselines.roles().into_iter().map(|(name, hosts)| BaselineRole { name, hosts }).collect();
    let Some(host) = &query.host else {
        let baseline = node.baselines.picture(query.role.as_deref(), &asked).map(shown);
        return Ok(Json(BaselineView { answer: None, roles, baseline }));
    };
    let member = asking::member(&node, host)?;
    let body = CommandBody::CollectBaselines { asked: serde_json::to_string(&asked).unwrap_or_default() };
    let (answer, picture) = asking::ask_for::<Picture>(&node, &member, body, asking::WAIT).await;
    Ok(Json(BaselineView { answer: Some(answer), roles, baseline: picture.map(shown) }))
}

const fn relation(relation: BaselineRelation) -> Relation {
    match relation {
        BaselineRelation::Programs => Relation::Programs,
        BaselineRelation::Starts => Relation::Starts,
        BaselineRelation::UserStarts => Relation::UserStarts,
        BaselineRelation::Talks => Relation::Talks,
        BaselineRelation::Names => Relation::Names,
        BaselineRelation::Logins => Relation::Logins,
        BaselineRelation::Reaches => Relation::Reaches,
        BaselineRelation::Writes => Relation::Writes,
    }
}

const fn named(relation: Relation) -> BaselineRelation {
    match relation {
        Relation::Programs => BaselineRelation::Programs,
        Relation::Starts => BaselineRelation::Starts,
        Relation::UserStarts => BaselineRelation::UserStarts,
        Relation::Talks => BaselineRelation::Talks,
        Relation::Names => BaselineRelation::Names,
        Relation::Logins => BaselineRelation::Logins,
        Relation::Reaches => BaselineRelation::Reaches,
        Relation::Writes => BaselineRelation::Writes,
    }
}

fn shown(picture: Picture) -> Baseline {
    Baseline {
        began: picture.began.into(),
        last: picture.last.into(),
        learn_days: picture.learn_days,
        learning: picture.learning,
        acts: picture.acts,
        bytes: picture.bytes,
        subjects_kept: picture.subjects_kept,
        items_kept: picture.items_kept,
        subjects_forgotten: picture.subjects_forgotten,
        items_forgotten: picture.items_forgotten,
        subjects: picture.subjects.into_iter().map(subject).collect(),
        rarest: picture.rarest.into_iter().map(habit).collect(),
        rhythms: picture
            .rhythms
            .into_iter()
            .map(|one| BaselineRhythm {
                program: one.program,
                to: one.to,
                period_seconds: one.period_seconds,
                jitter_percent: one.jitter_percent,
                count: one.count,
                first: one.first.into(),
            })
            .collect(),
        told: picture
            .told
            .into_iter()
            .map(|one| BaselineTold {
                time: one.time.into(),
                rule: one.rule,
                name: one.name,
                severity: one.severity,
                program: one.program,
                detail: one.detail,
            })
            .collect(),
    }
}

fn subject(one: detect::SubjectSeen) -> BaselineSubject {
    BaselineSubject {
        relation: named(one.relation),
        name: one.name,
        total: one.total,
        distinct: one.distinct,
        first: one.first.into(),
        last: one.last.into(),
        days: one.days,
        hours: one.hours,
        items: one.items.into_iter().map(habit).collect(),
    }
}

fn habit(one: detect::Habit) -> BaselineHabit {
    BaselineHabit {
        relation: named(one.relation),
        subject: one.subject,
        item: one.item,
        count: one.count,
        total: one.total,
        first: one.first.into(),
        last: one.last.into(),
        hosts: one.hosts,
    }
}
