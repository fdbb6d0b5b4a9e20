//! All automation, so that the README needs two commands: `cargo xtask up` and `cargo xtask test`. Everything here runs
//! public tools as child processes; nothing of the product's logic lives here.

mod attack;
mod bench;
mod build;
mod codegen;
mod dist;
mod down;
mod e2e;
mod fuzz;
mod guarded;
mod lockdown_upgrades;
mod noise;
mod packages;
mod paths;
mod prevention;
mod run;
mod test;
mod throwaway;
mod train;
mod up;
mod vm_test;
mod world;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;

#[derive(Parser)]
#[command(name = "xtask", about = "Tamon's automation", version)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what is missing, build all, start node and agent on this host, and show their state.
    Up(up::Options),
    /// Stop what `up` started.
    Down {
        /// State folder that `up` was given.
        #[arg(long)]
        state: Option<PathBuf>,
        /// Remove the state folder, and with it every stored event, certificate and quarantined file.
        #[arg(long)]
        purge: bool,
    },
    /// Format, lints, all tests, browser tests, a short load-and-deny test in QEMU.
    Test(test::Options),
    /// Measure: `all`, or one by its name; any other word lists them.
    Bench {
        name: String,
        /// Passed on to the bench; `--yes` among it installs missing peers without asking.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
    /// Replay Atomic Red Team's Linux tests in throw-away roots in front of the agent: what is seen, told and stopped.
    Attack(attack::Options),
    /// A day's harmless work, compressed, in front of the agent: every alert of it is one too many.
    Noise(noise::Options),
    /// Load every BPF object and deny a program in QEMU guests with Debian's kernels.
    VmTest(vm_test::Options),
    /// Run every parser under mutated inputs from the committed corpus.
    Fuzz(fuzz::Options),
    /// Install, upgrade and remove packages on a locked host, again and again; nothing of them may be refused.
    LockdownUpgrades {
        #[arg(default_value_t = 1_000)]
        transactions: u32,
    },
    /// The profiles that ship against the real servers: no denial under load, and harmless attacks stopped.
    Prevention(prevention::Options),
    /// Regenerate what is generated: protobuf code, the API document and the console's client.
    Codegen,
    /// Train the models of `content/models` from public data, and write their card `docs/MODEL.md`.
    Train(train::Options),
    /// A fully optimised binary in target/dist.
    Dist,
}

fn main() -> Result<()> {
    match Arguments::parse().task {
        Task::Up(options) => up::up(&options),
        Task::Down { state, purge } => down::down(state.as_deref(), purge),
        Task::Test(options) => test::test(&options),
        Task::Bench { name, rest } => bench::bench(&name, &rest),
        Task::Attack(options) => attack::attack(&options),
        Task::Noise(options) => noise::noise(&options),
        Task::VmTest(options) => vm_test::vm_test(&options),
        Task::Fuzz(options) => fuzz::fuzz(&options),
        Task::LockdownUpgrades { transactions } => lockdown_upgrades::lockdown_upgrades(transactions),
        Task::Prevention(options) => prevention::prevention(&options),
        Task::Codegen => codegen::codegen(),
        Task::Train(options) => train::train(&options),
        Task::Dist => dist::dist(),
    }
}
