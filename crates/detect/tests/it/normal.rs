//! What is normal: silent while it learns, then what was never seen is said with its counts; state that comes back; a flood.

use detect::{Asked, Normal, NormalConfig, Relation, SequenceSet, StateError, Story, StoryConfig};
use event::{
    Endpoint, Event, EventKind, Exec, File, FileEvent, FileOp, Finding, NetworkEvent, NetworkOp, Package, Process,
    ProcessKey, Row, Severity, Timestamp, Transport, User, Via,
};
use std::sync::Arc;

const MINUTE: i64 = 60_000_000_000;
const DAY: i64 = 1_440 * MINUTE;

fn key(tgid: u32) -> ProcessKey {
    ProcessKey { tgid, ..ProcessKey::default() }
}

fn process(tgid: u32, parent: u32, executable: &str) -> Arc<Process> {
    let package = Package { name: "x".into(), version: "1".into(), kind: "deb" };
    Arc::new(Process {
        key: key(tgid),
        parent: Some(key(parent)),
        executable: executable.into(),
        unit: Some("nginx.service".into()),
        user: User { name: Some("www-data".into()), ..User::default() },
        package: executable.starts_with("/usr/").then(|| Arc::new(package)),
        ..Process::default()
    })
}

fn event(at: i64, process: &Arc<Process>, parent: Option<&Arc<Process>>, kind: EventKind) -> Event {
    let (process, parent) = (Some(Arc::clone(process)), parent.cloned());
    Event { sequence: 0, time: Timestamp(at), via: Via::Syscall, process, parent, kind }
}

fn connect(ip: &str, port: u16) -> EventKind {
    EventKind::Network(NetworkEvent {
        op: NetworkOp::Connect,
        transport: Transport::Tcp,
        source: None,
        destination: Some(Endpoint { ip: ip.parse().unwrap(), port }),
        error: 0,
    })
}

fn write(path: &str) -> EventKind {
    EventKind::File(FileEvent { op: FileOp::WriteClose, file: File::at(path) })
}

/// nginx at its work: a connection and a log line each ten minutes, a helper each hour.
fn work(days: i64) -> Vec<Event> {
    let nginx = process(100, 1, "/usr/sbin/nginx");
    let helper = process(101, 100, "/usr/bin/gzip");
    let mut all = Vec::new();
    for n in 0..days * 144 {
        let at = n * 10 * MINUTE;
        all.push(event(at, &nginx, None, connect("10.0.2.10", 8080)));
        all.push(event(at, &nginx, None, write("/var/log/nginx/access.log")));
        if n % 6 == 0 {
            all.push(event(at, &helper, Some(&nginx), EventKind::Exec(Exec::default())));
        }
    }
    all
}

fn attack(at: i64) -> Vec<Event> {
    let nginx = process(100, 1, "/usr/sbin/nginx");
    let env = process(5_000, 100, "/usr/bin/env");
    vec![
        event(at, &env, Some(&nginx), EventKind::Exec(Exec::default())),
        event(at + MINUTE, &env, Some(&nginx), connect("185.1.2.3", 443)),
        event(at + 2 * MINUTE, &nginx, None, connect("185.1.2.3", 8443)),
    ]
}

fn story() -> Story {
    Story::new(StoryConfig::default(), Arc::new(SequenceSet::default()))
}

fn run(story: &mut Story, events: &[Event]) -> Vec<Finding> {
    events.iter().flat_map(|event| story.observe(event, &[])).collect()
}

#[test]
fn what_was_never_seen_is_said_with_its_counts_once_the_host_is_known() {
    let mut fresh = story();
    assert!(run(&mut fresh, &work(5)).is_empty());
    let early = run(&mut fresh, &attack(5 * DAY + MINUTE));
    assert!(early.is_empty(), "five days are too few: {early:#?}");

    let mut known = story();
    assert!(run(&mut known, &work(12)).is_empty(), "daily work is silent");
    let told = run(&mut known, &attack(12 * DAY));
    let start = told.iter().find(|finding| finding.rule_id.as_str() == "normal.start").expect("the start is said");
    assert!(start.detail.contains("nginx started /usr/bin/env"), "{}", start.detail);
    assert!(start.detail.contains("seen 0 times in 288 starts by nginx over 12 days"), "{}", start.detail);
    assert_eq!((start.severity, start.asks), (Severity::Info, None));
    let together: Vec<&Finding> = told.iter().filter(|finding| finding.rule_id.as_str() == "normal.together").collect();
    assert_eq!(together.len(), 1, "{told:#?}");
    assert!(
        together[0].severity == Severity::Medium && together[0].detail.contains("185.1.0.0/16:443"),
        "{together:#?}"
    );
    let picture = known.normal().picture(&Asked::default());
    assert!(!picture.learning && picture.told.len() >= 3);
    assert!(picture.rarest.iter().any(|habit| habit.item == "/usr/bin/env" && habit.total == 289), "{picture:#?}");
}

#[test]
fn what_was_learned_comes_back_and_damage_is_an_error() {
    let mut before = story();
    run(&mut before, &work(12));
    let bytes = before.normal().encode().unwrap();
    assert!(bytes.len() < 400_000, "{}", bytes.len());
    let read = Normal::decode(&bytes, NormalConfig::default()).unwrap();
    assert_eq!(read.picture(&Asked::default()), before.normal().picture(&Asked::default()));
    let mut after = story();
    after.set_normal(read);
    let rules = |told: Vec<Finding>| told.into_iter().map(|one| one.rule_id.as_str().to_owned()).collect::<Vec<_>>();
    assert_eq!(rules(run(&mut after, &attack(12 * DAY))), rules(run(&mut before, &attack(12 * DAY))));
    for at in (0..bytes.len()).step_by(997) {
        let mut bad = bytes.clone();
        bad[at] ^= 0x40;
        assert!(matches!(Normal::decode(&bad, NormalConfig::default()), Err(StateError::Damaged(_))), "{at}");
        assert!(Normal::decode(&bytes[..at], NormalConfig::default()).is_err());
    }
}

#[test]
fn a_row_teaches_what_its_event_does() {
    let (mut by_event, mut by_row) = (Normal::new(NormalConfig::default()), Normal::new(NormalConfig::default()));
    for one in work(3) {
        let process = one.process.clone().unwrap();
        by_event.observe(&one, &process, || process.key);
        by_row.learn(&Row::of(&one), 0);
    }
    let habits = |normal: &Normal| {
        let picture = normal.picture(&Asked::default());
        (picture.acts, picture.subjects)
    };
    assert_eq!(habits(&by_event), habits(&by_row));
    assert!(habits(&by_row).1.iter().any(|subject| subject.relation == Relation::Talks));
}

/// Names without end: memory stays, what is let go is counted, and what was usual is still usual.
#[test]
fn a_flood_of_new_names_is_bounded() {
    let mut story = story();
    run(&mut story, &work(10));
    let shell = process(200, 1, "/usr/bin/bash");
    for n in 0..40_000u32 {
        let letters: String = (0..4).map(|place| char::from(b'a' + (n / 26u32.pow(place) % 26) as u8)).collect();
        let made = process(10_000 + n, 200, &format!("/srv/made/{letters}"));
        story.observe(&event(10 * DAY, &made, Some(&shell), EventKind::Exec(Exec::default())), &[]);
    }
    let picture = story.normal().picture(&Asked::default());
    assert!(picture.items_kept <= 12_000 && picture.items_forgotten > 10_000, "{picture:?}");
    assert!(picture.bytes < 6 << 20, "{}", picture.bytes);
    assert!(story.normal().encode().unwrap().len() < 4 << 20);
    let again: Vec<Event> = work(11).into_iter().filter(|one| one.time.0 > 10 * DAY).collect();
    assert!(run(&mut story, &again).is_empty(), "what was usual is not new after the flood");
}
