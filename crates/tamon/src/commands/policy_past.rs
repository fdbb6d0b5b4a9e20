//! What the node has stored of the programs that profiles name, put together: for `policy simulate` and `policy learn`.

use super::policy_simulate::now;
use crate::api::Api;
use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use verdict::prevention::{PreventionProfile, stored};

/// Different acts that the node is asked for.
const MOST: u32 = 5_000;

/// As the agent takes them; empty where no profile names anybody by what is stored.
pub fn acts(api: &Api, profiles: &[PreventionProfile], days: u32, host: Option<&str>) -> Result<Vec<Value>> {
    let since = event::Timestamp(now()? - i64::from(days) * 86_400_000_000_000);
    let only = host.map_or_else(String::new, |name| format!(" AND host_name = '{}'", name.replace('\'', "''")));
    let Some(sql) = stored::question(profiles, &format!("timestamp >= '{since}'{only}")) else {
        return Ok(Vec::new());
    };
    let answer = api.post("/hunt", &json!({ "sql": sql, "limit": MOST }))?;
    let rows = answer["rows"].as_array().context("the node's answer has no rows")?;
    Ok(rows.iter().filter_map(Value::as_array).map(|row| act(row)).collect())
}

fn act(row: &[Value]) -> Value {
    let there = stored::KEYS.iter().zip(row).filter(|(_, cell)| !cell.is_null() && **cell != "");
    Value::Object(there.map(|(key, cell)| ((*key).to_owned(), cell.clone())).collect::<Map<_, _>>())
}
