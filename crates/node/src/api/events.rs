//! Stored events: newest first for a page, or what has come since a cursor for a follower, who may wait for the next.

use super::{Query, Shared, limit, page};
use crate::node::Node;
use crate::problem::{Answer, fail};
use crate::views::row_map;
use axum::Json;
use axum::extract::{Path, State};
use console_api::{EventPage, EventQuery, EventRow, ProblemCode};
use event::{Column, Row, Timestamp};
use hunt::Order;
use std::time::Duration;
use store::StoredEvent;

/// Pages of a thousand searched for a text before the answer hands out a cursor to go on from.
const PAGES: usize = 20;
const LONGEST_WAIT: u32 = 30;

pub async fn of_host(
    state: Shared,
    Path(id): Path<String>,
    Query(mut query): Query<EventQuery>,
) -> Answer<Json<EventPage>> {
    query.host = Some(id);
    list(state, Query(query)).await
}

pub async fn list(State(node): Shared, Query(query): Query<EventQuery>) -> Answer<Json<EventPage>> {
    let limit = limit(query.limit, 100, 1_000)?;
    let text = query.text.as_deref().map(str::to_lowercase).filter(|text| !text.is_empty());
    let wanted = Wanted { node: &node, query: &query, text, limit };
    match &query.since {
        Some(since) => wanted.follow(since).await.map(Json),
        None => wanted.newest().await.map(Json),
    }
}

struct Wanted<'a> {
    node: &'a Node,
    query: &'a EventQuery,
    text: Option<String>,
    limit: usize,
}

impl Wanted<'_> {
    async fn newest(&self) -> Answer<EventPage> {
        let follow = *self.node.events.arrivals().borrow();
        let mut before = self.query.before.as_deref().map(cursor).transpose()?;
        let mut items = Vec::new();
        for _ in 0..PAGES {
            let mut asked = self.asked(Order::Newest);
            asked.to = before.map(|(time, _)| time.plus_nanos(1));
            let found = self.node.events.events(&asked).await?;
            let older = |event: &&StoredEvent| before.is_none_or(|last| (event.row.time(), event.sequence) < last);
            let fresh: Vec<&StoredEvent> = found.events.iter().filter(older).collect();
            let stuck = fresh.is_empty();
            let last = fresh.last().map(|event| (event.row.time(), event.sequence));
            for event in fresh {
                before = Some((event.row.time(), event.sequence));
                if self.fits(&event.row) {
                    items.push(shown(&event.row));
                }
                if items.len() == self.limit {
                    let more = found.truncated || before != last;
                    return Ok(self.page(items, before.filter(|_| more), follow));
                }
            }
            if !found.truncated || stuck {
                return Ok(self.page(items, None, follow));
            }
        }
        Ok(self.page(items, before, follow))
    }

    fn page(&self, items: Vec<EventRow>, before: Option<(Timestamp, u64)>, follow: u64) -> EventPage {
        let next = before.map(|(time, sequence)| page::cursor(time, &format!("{sequence:x}")));
        EventPage { items, next, follow: format!("{follow:x}") }
    }

    async fn follow(&self, since: &str) -> Answer<EventPage> {
        let mut arrivals = self.node.events.arrivals();
        let mut after = match since {
            "now" => *arrivals.borrow(),
            text => u64::from_str_radix(text, 16).map_err(|_| bad_cursor())?,
        };
        let wait = Duration::from_secs(self.query.wait.unwrap_or(0).min(LONGEST_WAIT).into());
        let end = tokio::time::Instant::now() + wait;
        loop {
            let known = *arrivals.borrow_and_update();
            let mut asked = self.asked(Order::Arrival);
            asked.after = Some(after);
            let found = if known > after { self.node.events.events(&asked).await? } else { Default::default() };
            let last = found.events.last().map_or(after, |event| event.sequence);
            after = if found.truncated { last } else { last.max(known) };
            let items: Vec<EventRow> =
                found.events.iter().filter(|event| self.fits(&event.row)).map(|event| shown(&event.row)).collect();
            if !items.is_empty() {
                return Ok(EventPage { items, next: None, follow: format!("{after:x}") });
            }
            let mut stopping = self.node.stopping.clone();
            let over = tokio::select! {
                changed = tokio::time::timeout_at(end, arrivals.changed()), if !found.truncated => !matches!(changed, Ok(Ok(()))),
                () = crate::stop::said(&mut stopping) => true,
                else => false,
            };
            if over || tokio::time::Instant::now() >= end {
                return Ok(EventPage { items: Vec::new(), next: None, follow: format!("{after:x}") });
            }
        }
    }

    fn asked(&self, order: Order) -> hunt::EventQuery {
        hunt::EventQuery {
            tenant: self.node.tenant.clone(),
            hosts: self.query.host.iter().cloned().collect(),
            processes: self.query.process.iter().cloned().collect(),
            categories: self.query.category.iter().cloned().collect(),
            actions: self.query.action.iter().cloned().collect(),
            order,
            // One more than wanted, since an event of the cursor's own moment comes again.
            limit: if self.text.is_some() { 1_000 } else { self.limit + 16 },
            ..hunt::EventQuery::default()
        }
    }

    fn fits(&self, row: &Row) -> bool {
        let Some(text) = &self.text else { return true };
        const SEARCHED: [Column; 8] = [
            Column::ProcessExecutable,
            Column::ProcessCommandLine,
            Column::FilePath,
            Column::FileOtherPath,
            Column::DnsQuestionName,
            Column::DestinationIp,
            Column::SourceIp,
            Column::UserName,
        ];
        SEARCHED.iter().any(|column| row.text(*column).is_some_and(|value| value.to_lowercase().contains(text)))
    }
}

fn shown(row: &Row) -> EventRow {
    EventRow(row_map(row).into_iter().collect())
}

fn cursor(text: &str) -> Answer<(Timestamp, u64)> {
    let (time, sequence) = page::read(text)?;
    Ok((time, u64::from_str_radix(&sequence, 16).map_err(|_| bad_cursor())?))
}

fn bad_cursor() -> crate::problem::Failure {
    fail(ProblemCode::Invalid, "this cursor was not given out by the node")
}
