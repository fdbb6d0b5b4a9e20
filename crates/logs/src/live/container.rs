//! Events of Docker's daemon, a JSON object each, and of containerd by their topics.

use super::{Heard, heard};
use event::{ContainerAct, LogSays, LogSource, Timestamp, text};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Told {
    #[serde(rename = "Type", default)]
    kind: String,
    #[serde(rename = "Action", default)]
    action: String,
    #[serde(rename = "Actor", default)]
    actor: Actor,
    #[serde(rename = "timeNano", default)]
    time: i64,
}

#[derive(Default, Deserialize)]
struct Actor {
    #[serde(rename = "ID", default)]
    id: String,
    #[serde(rename = "Attributes", default)]
    attributes: BTreeMap<String, String>,
}

/// None for what is not about a container; an error for what is no event.
pub fn docker(json: &[u8]) -> Result<Option<Heard>, serde_json::Error> {
    let told: Told = serde_json::from_slice(json)?;
    if told.kind != "container" {
        return Ok(None);
    }
    // `exec_start: sh -c …` holds the command.
    let (action, command) = told.action.split_once(": ").unwrap_or((&told.action, ""));
    let act = match action {
        "create" => ContainerAct::Create,
        "start" | "restart" | "unpause" => ContainerAct::Start,
        "exec_start" => ContainerAct::Exec,
        "die" | "kill" | "stop" | "pause" | "oom" => ContainerAct::Stop,
        "destroy" => ContainerAct::Remove,
        // Each exec has three events, each health check more.
        "exec_create" | "exec_die" | "top" | "resize" => return Ok(None),
        other if other.starts_with("health_status") => return Ok(None),
        _ => ContainerAct::Other,
    };
    let named = |name: &str| told.actor.attributes.get(name).map(|value| text::clip(value, 256).into());
    let says = LogSays::Container {
        act,
        id: text::clip(&told.actor.id, 128).into(),
        name: named("name"),
        image: named("image"),
    };
    let claimed = (told.time > 0).then_some(Timestamp(told.time));
    let message = if command.is_empty() { action.to_owned() } else { format!("{action}: {command}") };
    Ok(Some(heard(LogSource::Docker, says, claimed, "dockerd", None, &message)))
}

/// None for what is not about a container.
pub fn containerd(topic: &str, id: &str, image: &str, namespace: &str, claimed: Option<Timestamp>) -> Option<Heard> {
    let act = match topic {
        "/containers/create" => ContainerAct::Create,
        "/tasks/start" => ContainerAct::Start,
        "/tasks/exec-started" => ContainerAct::Exec,
        "/tasks/exit" | "/tasks/oom" | "/tasks/paused" => ContainerAct::Stop,
        "/containers/delete" => ContainerAct::Remove,
        _ => return None,
    };
    let image = (!image.is_empty()).then(|| text::clip(image, 256).into());
    let says = LogSays::Container { act, id: text::clip(id, 128).into(), name: None, image };
    Some(heard(LogSource::Containerd, says, claimed, "containerd", None, &format!("{topic} in {namespace}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acts_of_containers() {
        let event = |action: &str| {
            format!(
                r#"{{"Type":"container","Action":"{action}","Actor":{{"ID":"5f2b","Attributes":{{"image":"shop/api:4","name":"api"}}}},"time":1,"timeNano":1772532000000000001}}"#
            )
        };
        let heard = docker(event("exec_start: sh -c id").as_bytes()).unwrap().unwrap();
        let LogSays::Container { act, id, image, .. } = &heard.event.says else { panic!("a container") };
        assert_eq!((act, &**id, image.as_deref()), (&ContainerAct::Exec, "5f2b", Some("shop/api:4")));
        assert_eq!(&*heard.event.message, "exec_start: sh -c id");
        assert!(docker(event("health_status: healthy").as_bytes()).unwrap().is_none());
        assert!(docker(br#"{"Type":"network","Action":"create"}"#).unwrap().is_none());
        assert!(docker(b"{").is_err());
    }
}
