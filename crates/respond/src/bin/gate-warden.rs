//! The warden alone, as the tests start it; in the product it is `tamon gate-warden`.

fn main() -> std::process::ExitCode {
    respond::warden_main()
}
