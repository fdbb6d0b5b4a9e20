//! The worker alone, as the tests start it; in the product it is `tamon scan-worker`.

fn main() -> std::process::ExitCode {
    scan::worker_main()
}
