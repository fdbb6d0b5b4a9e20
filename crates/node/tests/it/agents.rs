//! Enrolment and revocation, as the node's owner sees them.

use crate::world::World;
use serde_json::json;
use transport::{EnrolError, NewHost};

const HOST: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_agent_is_out_at_once_and_stays_out() {
    let world = World::new().await;
    let agent = world.agent(HOST).await;
    let path = format!("/api/v1/admin/agents/{}/revoke", agent.id);
    let entry = world.root("POST", &path, json!({ "reason": "host was stolen" })).await.ok();
    assert_eq!(entry["revoked"], true);
    world
        .until("/api/v1/hosts", |hosts| hosts["items"][0]["connected"] == false && hosts["items"][0]["revoked"] == true)
        .await;
    let start = std::time::Instant::now();
    while agent.client.status().refused != Some(wire::RefusalCode::Revoked) {
        assert!(start.elapsed().as_secs() < 30, "{:?}", agent.client.status());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_once() {
    let world = World::new().await;
    let body = json!({ "valid_seconds": 60 });
    let token = world.root("POST", "/api/v1/admin/enrolment-tokens", body).await.ok();
    let token: transport::EnrolmentToken = token["token"].as_str().unwrap().parse().unwrap();
    let address = world.running.agent_address().to_string();
    let host = NewHost { host: event::HostId::new(HOST), name: "srv".into(), agent_version: "1".into() };
    let outcomes = tokio::task::spawn_blocking(move || {
        [transport::enrol(&address, &token, &host).map(|_| ()), transport::enrol(&address, &token, &host).map(|_| ())]
    })
    .await
    .unwrap();
    assert!(outcomes[0].is_ok(), "{outcomes:?}");
    assert!(matches!(&outcomes[1], Err(EnrolError::Refused(why)) if why.contains("used before")), "{outcomes:?}");
    world.root("POST", "/api/v1/admin/enrolment-tokens", json!({ "valid_seconds": 1 })).await.problem(422, "invalid");
}
