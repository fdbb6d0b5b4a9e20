//! The real agent for a bench: started with a policy that refuses by digest alone, ended by its own process.

use anyhow::{Context as _, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(120);

pub struct Agent {
    child: Child,
}

/// The binary that is measured.
pub fn tamon() -> Result<PathBuf> {
    Ok(std::env::var_os("TAMON").context("TAMON must name the binary; use cargo xtask bench")?.into())
}

impl Agent {
    /// `gate` is that table of the policy. Whatever else it finds on this host it only tells: nothing of others is touched.
    pub fn start(tamon: &Path, folder: &Path, gate: &str) -> Result<Agent> {
        let policy = format!(
            "version = 1\nname = \"bench\"\nmode = \"observe\"\n[[rule]]\nid = \"hash:*\"\nmode = \"enforce\"\n\
             action = \"deny\"\n[gate]\n{gate}\n[ransomware]\nenabled = false\n"
        );
        let state = folder.join("state");
        let _ = fs::remove_dir_all(&state);
        fs::create_dir_all(&state)?;
        fs::write(folder.join("policy.toml"), policy)?;
        let (config, log) = (folder.join("agent.toml"), folder.join("agent.log"));
        fs::write(&config, format!("policy = {:?}\ncontent = []\n", folder.join("policy.toml")))?;
        let file = fs::File::create(&log)?;
        let mut command = Command::new(tamon);
        command.arg("--state").arg(&state).args(["agent", "--config"]).arg(&config);
        let child = command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).spawn()?;
        let agent = Agent { child };
        let began = Instant::now();
        loop {
            let said = fs::read_to_string(&log)?;
            if said.contains("the agent is up") && said.contains("the exec gate is armed") {
                return Ok(agent);
            }
            if began.elapsed() > PATIENCE {
                bail!("the agent is not ready: {said}");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    pub fn stop(mut self) -> Result<()> {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // Stopped already, or the bench has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn median(samples: &mut [f64]) -> f64 {
    quantile(samples, 0.5)
}

pub fn quantile(samples: &mut [f64], share: f64) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[((samples.len() - 1) as f64 * share) as usize]
}

pub fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{cores} cores, Linux {}", kernel.trim())
}

pub fn round(figure: f64) -> f64 {
    (figure * 1000.0).round() / 1000.0
}
