//! Who may: signing in, CSRF, roles, the admin socket.

use crate::world::{Browser, World, browser};
use console_api::{Access, ENDPOINTS};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_one_time_login_signs_in_once_and_a_password_from_then_on() {
    let world = World::new().await;
    assert!(world.running.first_login.as_deref().unwrap().contains("/#token="));
    let login = world.root("POST", "/api/v1/admin/one-time-login", json!({})).await.ok();
    let none = Browser::default();
    let sign_in = json!({ "token": login["token"] });
    let answer = world.browse(&none, "POST", "/api/v1/session", sign_in.clone()).await;
    let cookie = answer.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let admin = browser(answer);
    world.browse(&none, "POST", "/api/v1/session", sign_in).await.problem(401, "bad_credentials");

    let me = world.browse(&admin, "GET", "/api/v1/session", Value::Null).await.ok();
    assert_eq!((me["username"].as_str(), me["needs_password"].as_bool()), (Some("admin"), Some(true)));
    let short = json!({ "password": { "new": "short" } });
    world.browse(&admin, "PATCH", "/api/v1/me", short).await.problem(422, "invalid");
    let set = json!({ "language": "ja", "density": "compact", "password": { "new": "correct horse battery" } });
    let fresh = browser(world.browse(&admin, "PATCH", "/api/v1/me", set).await);
    world.browse(&admin, "GET", "/api/v1/session", Value::Null).await.problem(401, "not_signed_in");
    let me = world.browse(&fresh, "GET", "/api/v1/session", Value::Null).await.ok();
    assert_eq!(me["preferences"], json!({ "language": "ja", "theme": "auto", "density": "compact" }));

    let wrong = json!({ "username": "admin", "password": "wrong wrong wrong" });
    world.browse(&none, "POST", "/api/v1/session", wrong).await.problem(401, "bad_credentials");
    let right = json!({ "username": "admin", "password": "correct horse battery" });
    let by_password = browser(world.browse(&none, "POST", "/api/v1/session", right).await);
    let gone = world.browse(&by_password, "DELETE", "/api/v1/session", Value::Null).await;
    assert_eq!(gone.status, 204);
    world.browse(&by_password, "GET", "/api/v1/session", Value::Null).await.problem(401, "not_signed_in");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_wrong_attempts_must_wait() {
    let world = World::new().await;
    let none = Browser::default();
    for _ in 0..10 {
        let token = json!({ "token": "0".repeat(64) });
        world.browse(&none, "POST", "/api/v1/session", token).await.problem(401, "bad_credentials");
    }
    let problem = world.browse(&none, "POST", "/api/v1/session", json!({ "token": "x" })).await;
    assert!(problem.headers.contains_key("retry-after"));
    problem.problem(429, "too_many_requests");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_needs_the_csrf_value() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let bare = Browser { csrf: String::new(), ..admin.clone() };
    world.browse(&bare, "PATCH", "/api/v1/me", json!({ "theme": "dark" })).await.problem(403, "csrf_missing");
    let forged = Browser { csrf: "0".repeat(64), ..admin.clone() };
    world.browse(&forged, "PATCH", "/api/v1/me", json!({ "theme": "dark" })).await.problem(403, "csrf_missing");
    assert_eq!(
        world.browse(&admin, "PATCH", "/api/v1/me", json!({ "theme": "dark" })).await.ok()["preferences"]["theme"],
        "dark"
    );
}

/// The contract's table is what holds: no endpoint answers somebody it should not.
#[tokio::test(flavor = "multi_thread")]
async fn every_endpoint_of_the_contract_is_there_and_guarded() {
    let world = World::new().await;
    world.root("POST", "/api/v1/admin/users", json!({ "username": "eve", "role": "viewer" })).await.ok();
    let (none, viewer) = (Browser::default(), world.sign_in("eve").await);
    for endpoint in ENDPOINTS.iter().filter(|e| e.id != "stream" && e.id != "sign_out") {
        let path = endpoint.path.replace("{id}", "none");
        let told = |answer: &crate::world::Answer| {
            let code = answer.headers.get("content-type").is_some_and(|t| t == "application/problem+json");
            if code { answer.json()["code"].as_str().unwrap().to_owned() } else { answer.status.to_string() }
        };
        let stranger = told(&world.browse(&none, endpoint.method, &path, Value::Null).await);
        let by_viewer = told(&world.browse(&viewer, endpoint.method, &path, Value::Null).await);
        let by_root = told(&world.root(endpoint.method, &path, Value::Null).await);
        assert_ne!(by_root, "method_not_allowed", "{}", endpoint.id);
        assert!(!matches!(by_root.as_str(), "forbidden" | "not_signed_in" | "internal"), "{}: {by_root}", endpoint.id);
        match endpoint.access {
            Access::Public => assert!(!matches!(stranger.as_str(), "not_signed_in" | "forbidden"), "{}", endpoint.id),
            Access::Socket => assert_eq!((stranger.as_str(), by_viewer.as_str()), ("forbidden", "forbidden")),
            Access::Viewer => assert_eq!(stranger, "not_signed_in", "{}", endpoint.id),
            Access::Analyst | Access::Admin => {
                assert_eq!((stranger.as_str(), by_viewer.as_str()), ("not_signed_in", "forbidden"), "{}", endpoint.id);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_is_audited() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    world.browse(&admin, "POST", "/api/v1/admin/users", json!({ "username": "bob", "role": "analyst" })).await.ok();
    world
        .browse(&admin, "POST", "/api/v1/admin/users", json!({ "username": "bob", "role": "viewer" }))
        .await
        .problem(409, "conflict");
    world
        .browse(&admin, "POST", "/api/v1/admin/users", json!({ "username": "../x", "role": "viewer" }))
        .await
        .problem(422, "invalid");
    let audit = world.browse(&admin, "GET", "/api/v1/audit?limit=200", Value::Null).await.ok();
    let words: Vec<&str> = audit["items"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    assert_eq!(words, ["user.create", "user.create", "session.sign-in", "login.create"]);
    assert_eq!(audit["items"][0]["source"], "127.0.0.1");
    assert_eq!(audit["items"][3]["source"], "socket");
    let first = world.browse(&admin, "GET", "/api/v1/audit?limit=1", Value::Null).await.ok();
    let path = format!("/api/v1/audit?limit=1&after={}", first["next"].as_str().unwrap());
    let second = world.browse(&admin, "GET", &path, Value::Null).await.ok();
    assert_ne!(first["items"][0]["id"], second["items"][0]["id"]);
}
