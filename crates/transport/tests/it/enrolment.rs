use crate::world::{Token, World, new_host};
use transport::{CertificateAuthority, EnrolError, EnrolmentToken, enrol, renew};

#[test]
fn a_token_makes_one_agent_and_no_second() {
    let world = World::new();
    let token = world.token(Token::Good);
    let identity = enrol(&world.address(), &token, &new_host()).unwrap();
    assert_eq!(identity.agent().as_str().len(), 32);
    assert!(world.desk.agents.lock().contains_key(identity.agent()));

    let again = enrol(&world.address(), &token, &new_host());
    refused(&world, again, "the token was used before");
}

#[test]
fn a_token_that_is_unknown_or_expired_is_refused() {
    let world = World::new();
    let unknown = EnrolmentToken::draw(world.ca().fingerprint());
    refused(&world, enrol(&world.address(), &unknown, &new_host()), "the token is not known here");
    let expired = world.token(Token::Expired);
    refused(&world, enrol(&world.address(), &expired, &new_host()), "the token has expired");
    assert!(world.desk.agents.lock().is_empty());
}

fn refused(world: &World, outcome: Result<transport::Identity, EnrolError>, words: &str) {
    match outcome {
        Err(EnrolError::Refused(text)) => assert_eq!(text, words),
        other => panic!("{:?}", other.map(|identity| identity.agent().clone())),
    }
    assert!(world.refused(words), "{:?}", world.server().handle().stats());
}

#[test]
fn a_node_of_another_ca_never_sees_the_secret() {
    let world = World::new();
    let elsewhere = tempfile::tempdir().unwrap();
    let other = CertificateAuthority::open(elsewhere.path()).unwrap();
    let token = EnrolmentToken::draw(other.fingerprint());
    world.desk.tokens.lock().insert(token.hash(), Token::Good);
    let error = enrol(&world.address(), &token, &new_host()).err().unwrap().to_string();
    assert!(error.contains("not of the CA that is expected"), "{error}");
    assert!(world.desk.tokens.lock().values().all(|state| *state == Token::Good));
    crate::world::until("the node counts it", || {
        world.refused("the other side says: your certificate is not of its CA")
    });
}

#[test]
fn a_host_without_a_valid_id_is_refused_and_keeps_its_token() {
    let world = World::new();
    let token = world.token(Token::Good);
    let mut host = new_host();
    host.host = event::HostId::new("../../etc");
    assert!(matches!(enrol(&world.address(), &token, &host), Err(EnrolError::Refused(_))));
    enrol(&world.address(), &token, &new_host()).unwrap();
}

#[test]
fn nobody_at_home_is_said_so() {
    let world = World::new();
    let token = world.token(Token::Good);
    let error = enrol("127.0.0.1:1", &token, &new_host()).err().unwrap().to_string();
    assert!(error.contains("127.0.0.1:1") && error.contains("refused"), "{error}");
}

#[test]
fn a_certificate_is_renewed_for_the_same_agent() {
    let world = World::new();
    let identity = world.enrolled();
    let day = 86_400_000_000_000;
    assert!(!identity.wants_renewal(identity.certificate().not_before));
    assert!(identity.wants_renewal(identity.certificate().not_after.plus_nanos(-30 * day)));
    let renewed = renew(&world.address(), &identity).unwrap();
    assert_eq!(renewed.agent(), identity.agent());
    assert_ne!(renewed.certificate().fingerprint, identity.certificate().fingerprint);
    let client = world.client(renewed, &crate::world::Memory::with(1..10));
    crate::world::until("it is good", || client.status().acked == 9);
    world.desk.agents.lock().clear();
    let error = renew(&world.address(), &identity).err().unwrap().to_string();
    assert!(error.contains("unknown agent"), "{error}");
}
