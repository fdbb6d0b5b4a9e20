//! Profiles: what is read of them, and that the kernel half's tables say what the profile says.

use crate::text;
use std::net::IpAddr;
use verdict::prevention::{Act, AddressList, KernelPath, PathList, Profiles, ports_say, stored};

/// Entries and paths that are held against each other; each costs a look at all others.
const MOST: usize = 64;

pub fn fuzz_prevention(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let Ok(policy) = verdict::Policy::parse("fuzz.toml", text) else { return };
    let real = |folder: &str| folder.strip_prefix("/lib").map(|rest| format!("/usr/lib{rest}"));
    let profiles = Profiles::of(&policy, &real);
    stored::question(&policy.prevention, "true");
    for (_, profile) in profiles.iter() {
        for list in [&profile.read, &profile.write, &profile.run, &profile.sockets].into_iter().flatten() {
            same_paths(list);
        }
        for list in [&profile.connect, &profile.bind].into_iter().flatten() {
            same_addresses(list);
        }
        assert!(!profile.rule(&Act::Ask("a.example.com")).says.is_empty());
    }
}

/// Of all texts that a path begins with the longest decides, with the path's end as one sign more. Only where no entry has
/// wildcards: those are what is there now, or wider.
fn same_paths(list: &PathList) {
    let plain = |text: &str| !text.trim_end_matches("/**").contains(['*', '?']);
    let names: Vec<String> = list.entries().iter().map(ToString::to_string).collect();
    if names.len() > MOST || !names.iter().all(|name| plain(name)) {
        return;
    }
    let forms: Vec<(bool, KernelPath)> = list
        .entries()
        .iter()
        .flat_map(|entry| entry.kernel_forms().into_iter().map(|form| (entry.allow, form)))
        .collect();
    let bare = names.iter().map(|name| name.trim_start_matches('!').trim_end_matches("**").trim_end_matches('/'));
    for path in bare.flat_map(|name| [name.to_owned(), format!("{name}/x"), format!("{name}x")]) {
        if !path.starts_with('/') || path.ends_with('/') {
            continue;
        }
        let fits = forms.iter().filter_map(|(allow, form)| match form {
            KernelPath::File(file) if *file == path => Some((file.len() + 1, !allow)),
            KernelPath::Prefix(start) if path.starts_with(start.as_str()) => Some((start.len(), !allow)),
            _ => None,
        });
        let says = fits.max().map_or(!list.is_closed(), |(_, denies)| !denies);
        assert_eq!(list.decide(&path).0, says, "{path} in {names:?}");
    }
}

/// The narrowest network that holds an address has the ranges of ports, in order.
fn same_addresses(list: &AddressList) {
    let nets = list.kernel_nets();
    for net in nets.iter().take(MOST) {
        for port in net.ports.iter().flat_map(|(ports, _)| [ports.first, ports.last]).take(8) {
            let ip = IpAddr::from(net.reach.network.to_be_bytes()).to_canonical();
            assert_eq!(
                list.decide(ip, port).0,
                ports_say(list, &nets, ip, port),
                "{ip} {port} in {:?}",
                list.entries()
            );
        }
    }
}
