//! Values to encode, drawn by proptest.

use event::*;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

pub fn row() -> impl Strategy<Value = Row> {
    let value = |column: Column| (Just(column), option::weighted(0.4, value(column.kind())));
    let values: Vec<_> = Column::ALL.iter().map(|column| value(*column)).collect();
    (values, btree_map("[a-z_]{1,20}", ".{0,40}", 0..6)).prop_map(|(values, labels)| {
        let mut row = Row::default();
        row.labels = labels;
        for (column, value) in values {
            if let Some(value) = value {
                row.set(column, value);
            }
        }
        row
    })
}

fn value(kind: ColumnType) -> BoxedStrategy<Value<'static>> {
    match kind {
        ColumnType::Text => ".{0,60}".prop_map(|text| Value::Str(text.into())).boxed(),
        ColumnType::Unsigned => any::<u64>().prop_map(Value::U64).boxed(),
        ColumnType::Signed => any::<i64>().prop_map(Value::I64).boxed(),
        ColumnType::Boolean => any::<bool>().prop_map(Value::Bool).boxed(),
        ColumnType::Time => any::<i64>().prop_map(|n| Value::Time(Timestamp(n))).boxed(),
        ColumnType::Ip => any::<std::net::IpAddr>().prop_map(Value::Ip).boxed(),
        ColumnType::Digest => any::<[u8; 32]>().prop_map(|d| Value::Digest(Sha256(d))).boxed(),
    }
}

pub const ACTIONS: [Action; 5] = [Action::Allow, Action::Alert, Action::Deny, Action::Kill, Action::Quarantine];
pub const ENGINES: [Engine; 8] = [
    Engine::Sigma,
    Engine::Behaviour,
    Engine::Ransomware,
    Engine::Miner,
    Engine::Hash,
    Engine::Yara,
    Engine::Policy,
    Engine::Sensor,
];

fn pick<T: Copy + std::fmt::Debug + 'static>(of: &'static [T]) -> impl Strategy<Value = T> {
    proptest::sample::select(of)
}

fn finding() -> impl Strategy<Value = Finding> {
    let technique = (1000..2000u16, option::of(1..999u16))
        .prop_map(|(n, sub)| sub.map_or(Technique::new(n), |sub| Technique::sub(n, sub)));
    (
        (pick(&ENGINES), ".{0,20}", ".{0,20}", pick(&Severity::ALL)),
        (vec(technique, 0..4), vec(pick(&Tactic::ALL), 0..4), ".{0,40}"),
        (vec((".{0,10}", ".{0,10}"), 0..4), option::of(pick(&ACTIONS))),
    )
        .prop_map(|((engine, rule_id, name, severity), (techniques, tactics, detail), (matched, asks))| Finding {
            engine,
            rule_id: RuleId(rule_id),
            name,
            severity,
            techniques,
            tactics,
            detail,
            matched,
            asks,
        })
}

fn process() -> impl Strategy<Value = ProcessSnapshot> {
    let texts = vec(".{0,20}", 4);
    let options = vec(option::of(".{0,20}"), 8);
    (texts, options, any::<[u32; 2]>(), any::<i64>(), any::<[Option<u32>; 2]>(), any::<bool>()).prop_map(
        |(texts, options, [pid, user_id], started, [login_id, session_id], fileless)| ProcessSnapshot {
            entity_id: texts[0].clone(),
            pid,
            name: texts[1].clone(),
            executable: texts[2].clone(),
            command_line: texts[3].clone(),
            started: Timestamp(started),
            user_id,
            user_name: options[0].clone(),
            login_id,
            login_name: options[1].clone(),
            session_id,
            unit: options[2].clone(),
            container_id: options[3].clone(),
            container_image: options[4].clone(),
            sha256: options[5].clone(),
            package: options[6].clone(),
            fileless,
            login_source: options[7].clone(),
        },
    )
}

fn decision() -> impl Strategy<Value = Decision> {
    let reason = (option::of(pick(&ENGINES)), ".{0,20}").prop_map(|(engine, text)| Reason { engine, text });
    let mode = pick(&[Mode::Observe, Mode::Alert, Mode::Enforce]);
    let tier = pick(&[Tier::Observe, Tier::Gate, Tier::Enforce]);
    (pick(&ACTIONS), pick(&ACTIONS), mode, tier, vec(reason, 0..4))
        .prop_map(|(action, wanted, mode, tier, reasons)| Decision { action, wanted, mode, tier, reasons })
}

pub fn alert() -> impl Strategy<Value = Alert> {
    let outcome = (pick(&ACTIONS), pick(&[OutcomeStatus::None, OutcomeStatus::Done, OutcomeStatus::Failed]), ".{0,20}");
    (
        (vec(".{0,20}", 6), any::<i64>(), pick(&Severity::ALL)),
        (vec(finding(), 0..4), decision(), outcome),
        (row(), vec(process(), 0..5)),
    )
        .prop_map(|((texts, time, severity), (findings, decision, outcome), (event, lineage))| Alert {
            id: AlertId(texts[0].clone()),
            time: Timestamp(time),
            agent: AgentId(texts[1].clone()),
            host: HostId(texts[2].clone()),
            host_name: texts[3].clone(),
            tenant: TenantId(texts[4].clone()),
            severity,
            title: texts[5].clone(),
            findings,
            decision,
            outcome: Outcome { action: outcome.0, status: outcome.1, detail: outcome.2 },
            event,
            lineage,
        })
}

pub fn host() -> impl Strategy<Value = HostFacts> {
    let lost = btree_map(pick(&LossKind::ALL), any::<u64>(), 0..8);
    let tier = pick(&[Tier::Observe, Tier::Gate, Tier::Enforce]);
    let mode = pick(&[Mode::Observe, Mode::Alert, Mode::Enforce]);
    let missing = vec(pick(&Protection::ALL), 0..12);
    let plain = (vec(".{0,20}", 9), tier, mode, missing, any::<[u64; 6]>(), lost, vec(".{0,20}", 0..4), any::<i64>());
    (plain, signatures()).prop_map(
        |((texts, tier, mode, missing_protections, n, lost, addresses, time), signatures)| HostFacts {
            agent: AgentId(texts[0].clone()),
            host: HostId(texts[1].clone()),
            name: texts[2].clone(),
            os: texts[3].clone(),
            kernel: texts[4].clone(),
            architecture: texts[5].clone(),
            agent_version: texts[6].clone(),
            boot_id: texts[7].clone(),
            tier,
            tier_reason: texts[8].clone(),
            missing_protections,
            mode,
            seen: n[0],
            lost,
            spool_bytes: n[1],
            spool_events: n[2],
            resident_bytes: n[3],
            rules: n[4],
            rules_rejected: n[5],
            signatures,
            addresses,
            time: Timestamp(time),
        },
    )
}

fn signatures() -> impl Strategy<Value = SignatureFacts> {
    (option::of(any::<u64>()), ".{0,20}", option::of(".{0,20}"), any::<[u64; 3]>(), vec(".{0,20}", 0..4)).prop_map(
        |(version, update, refused, [digests, patterns, yara_rules], models)| SignatureFacts {
            version,
            update,
            refused,
            digests,
            patterns,
            yara_rules,
            models,
        },
    )
}
