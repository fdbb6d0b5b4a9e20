//! The last line, and the CPU time that does not care how busy the machine is.

use std::collections::BTreeMap;

#[derive(Default)]
pub struct Figures(BTreeMap<String, f64>);

impl Figures {
    pub fn put(&mut self, name: &str, figure: f64) {
        let rounded = (figure * 10.0).round() / 10.0;
        println!("{name} = {rounded}");
        self.0.insert(name.to_owned(), rounded);
    }

    pub fn print(&self, bench: &str) {
        println!("{}", serde_json::json!({ "bench": bench, "machine": machine(), "figures": self.0 }));
    }
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|l| l.strip_prefix("model name")?.split_once(':')).map_or("", |(_, m)| m.trim());
    format!("{cores} cores, {model}")
}

/// User and system time of this process, all threads.
pub fn cpu_seconds() -> std::io::Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks: Vec<f64> = after.split_whitespace().skip(11).take(2).filter_map(|t| t.parse().ok()).collect();
    Ok(ticks.iter().sum::<f64>() / 100.0)
}
