//! What is done to a host from elsewhere: somebody at an address, and no process of the host.

use crate::telling::incident;
use crate::world::*;
use incident::*;

const THERE: &str = "203.0.113.9";

/// sshd wrote the lines; it did nothing.
fn sshd() -> Vec<event::ProcessSnapshot> {
    vec![p(1400, "/usr/sbin/sshd", "sshd: root [preauth]"), p(500, "/usr/sbin/sshd", "sshd: /usr/sbin/sshd -D"), init()]
}

pub fn only_tried() -> Vec<Told> {
    vec![told("a", 0, "T1110.001", "user-login", sshd()).log_in(THERE, "root admin", false)]
}

/// Passwords are tried, one fits, and a miner is run from that log-in.
pub fn guessed_then_mined() -> Vec<Told> {
    let mut shell = login(3);
    shell[0].login_source = Some(THERE.into());
    let mut miner = p(2000, "/tmp/m", "/tmp/m -o stratum+tcp://198.51.100.7:3333");
    miner.login_source = Some(THERE.into());
    let mut alerts = only_tried();
    alerts.push(told("b", 30, "T1110.001", "user-login", sshd()).log_in(THERE, "root", true));
    alerts.push(told("c", 90, "T1496", "network-connect", below(miner, &shell)).remote("198.51.100.7", 3333));
    alerts
}

#[test]
fn passwords_that_are_tried_are_laid_to_the_address_and_not_to_sshd() {
    let story = incident(&only_tried());
    assert_eq!(story.title.text.en, "Address 203.0.113.9 tried passwords, on srv-1");
    assert_eq!(story.title.text.ja, "srv-1：接続元 203.0.113.9 によるパスワードの試行");
    assert_eq!(story.who.sentence.text.en, "Somebody at 203.0.113.9; no account of this host is known to be theirs");
    assert_eq!(story.who.source.as_deref(), Some(THERE));
    assert_eq!(
        story.how.sentence.text.en,
        "It came over the network from 203.0.113.9: no process of srv-1 is known that began it"
    );
    assert_eq!(story.sentences[0].text.en, "Passwords were tried from 203.0.113.9, for root, admin.");
    assert_eq!(story.sentences[0].text.ja, "203.0.113.9 から root, admin のパスワードが試されました。");
    // Nothing of the host was harmed, and nobody is asked to end its sshd.
    assert_eq!(story.impact[0].key, "impact.none");
    assert!(story.next_steps.iter().all(|step| step.sentence.key != "next.kill"), "{:?}", story.next_steps);
    assert!(story.next_steps.iter().any(|step| step.sentence.key == "next.hunt_source" && step.action.is_some()));
    assert_eq!(story.place.addresses, [THERE]);
}

#[test]
fn a_guessed_password_and_what_it_led_to_are_one_attack() {
    let story = incident(&guessed_then_mined());
    assert_eq!(story.alert_count, 3);
    assert_eq!(
        story.title.text.en,
        "Address 203.0.113.9 tried passwords, then got in with a password, then mined coins, on srv-1"
    );
    assert_eq!(
        story.how.sentence.text.en,
        "The log-ins of this host were attacked from 203.0.113.9; m was started under account root by a log-in from there"
    );
    assert_eq!(story.how.sentence.evidence, ["a", "b", "c"]);
    assert_eq!(story.how.entry.as_deref(), Some("boot-7d0-1"));
    assert_eq!(story.root_cause.last().unwrap().name, "m");
    let said: Vec<&str> = story.impact.iter().map(|one| one.text.en.as_str()).collect();
    assert_eq!(
        said,
        [
            "srv-1 computed for somebody else: 198.51.100.7:3333",
            "Somebody got into srv-1 with an account that may not be theirs: root (203.0.113.9)"
        ]
    );
    assert!(
        story.graph.edges.iter().any(|edge| edge.from == "address:203.0.113.9" && edge.to == "boot-7d0-1"),
        "{:?}",
        story.graph.edges
    );
    let password = story.next_steps.iter().find(|step| step.sentence.key == "next.password").unwrap();
    assert_eq!(password.sentence.text.en, "Change the password of root, and let only keys log in from outside");
}

/// That an administrator works from an address where others do too makes nobody's work part of an attack.
#[test]
fn a_log_in_from_elsewhere_is_no_part_of_it() {
    let mut shell = login(3);
    shell[0].login_source = Some("198.51.100.1".into());
    let mut curl = p(2000, "/usr/bin/curl", "curl -O http://x");
    curl.login_source = Some("198.51.100.1".into());
    let mut correlator = Correlator::new(Limits::default(), 1);
    let tried = correlator.observe(&only_tried()[0].0);
    let other = correlator.observe(&told("b", 5, "T1105", "process-exec", below(curl, &shell)).0);
    assert_ne!(tried.incident, other.incident);
}
