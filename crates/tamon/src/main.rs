//! The one binary: parses the command line and hands over. Exit status 2 means that the command itself failed; what 0 and
//! 1 mean is each command's own.

mod api;
mod arguments;
mod commands;
mod daemon;
mod local;
mod memory;
mod output;
mod place;
mod selftest;

use anyhow::Result;
use arguments::{Arguments, Command};
use clap::{CommandFactory as _, Parser as _};
use place::Place;
use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(code) = daemon::worker() {
        return code;
    }
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("tamon: {}", event::text::printable(&format!("{error:#}")));
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<ExitCode> {
    let place = Place::new(arguments.state.as_deref());
    let print = arguments.output;
    match &arguments.command {
        Command::Status => commands::status::run(&place, print),
        Command::Events(options) => commands::events::run(options, &place, print),
        Command::Alerts(options) => commands::alerts::run(options, &place, print),
        Command::Incidents { command } => commands::incidents::run(command, &place, print),
        Command::Hosts => commands::hosts::run(&place, print),
        Command::Hunt { sql, limit } => commands::hunt::run(sql, *limit, &place, print),
        Command::Scan(options) => commands::scan::run(options, &place, print),
        Command::Rules { command } => commands::rules::run(command, &place, print),
        Command::Sigma { command } => commands::sigma::run(command, print),
        Command::Signatures { command } => commands::signatures::run(command, &place, print),
        Command::Policy { command } => commands::policy::run(command, &place, print),
        Command::Lockdown { command } => commands::lockdown::run(command, &place, print),
        Command::Baselines { command } => commands::baselines::run(command, &place, print),
        Command::Quarantine { command } => commands::quarantine::run(command, &place, print),
        Command::Rollback { incident, preview } => commands::rollback::run(incident, *preview, &place, print),
        Command::Integrity { command } => commands::integrity::run(command, &place, print),
        Command::Selftest(options) => selftest::run(options, &place, print),
        Command::Doctor => commands::doctor::run(&place, print),
        Command::Config { command } => commands::config::run(command),
        Command::Agent(options) => daemon::agent(options.config.as_deref(), &place),
        #[cfg(feature = "node")]
        Command::Node(options) => daemon::node(options.config.as_deref(), &place),
        Command::Enrol { node, token } => commands::enrol::enrol(node, token, &place),
        Command::NodeToken { minutes } => commands::enrol::token(*minutes, &place, print),
        Command::Api(call) => commands::api::run(call, &place, print),
        Command::LoginLink { user } => commands::enrol::login_link(user, &place, print),
        Command::Completions { shell } => {
            clap_complete::generate(*shell, &mut Arguments::command(), "tamon", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
        Command::Man => {
            clap_mangen::Man::new(Arguments::command()).render(&mut std::io::stdout())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::SelftestStep { step, folder } => {
            selftest::step(step, folder)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
