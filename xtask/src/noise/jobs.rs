//! The work itself: what administrators and their machines do all day. Each is a script for bash in a root of its own; it
//! says by its exit status whether it went as it should, so that silence is not that of work that never happened.

pub struct Job {
    pub name: &'static str,
    pub script: &'static str,
}

pub const JOBS: &[Job] = &[
    Job { name: "packages", script: include_str!("jobs/packages.sh") },
    Job { name: "build", script: include_str!("jobs/build.sh") },
    Job { name: "backup", script: include_str!("jobs/backup.sh") },
    Job { name: "rotation", script: include_str!("jobs/rotation.sh") },
    Job { name: "scheduled", script: include_str!("jobs/scheduled.sh") },
    Job { name: "session", script: include_str!("jobs/session.sh") },
    Job { name: "database", script: include_str!("jobs/database.sh") },
    Job { name: "web", script: include_str!("jobs/web.sh") },
    Job { name: "continuous", script: include_str!("jobs/continuous.sh") },
];
