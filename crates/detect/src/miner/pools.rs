//! Names of mining pools: a domain a line, with all below it but its web site.

use std::collections::HashSet;

const BUILTIN: &str = include_str!("../../../../content/miner/pools.txt");
/// First labels behind which a pool shows itself to people.
const WEB_SITES: [&str; 12] =
    ["www", "api", "docs", "blog", "support", "help", "static", "cdn", "status", "app", "account", "auth"];
/// More names than this are no list of pools.
const MOST: usize = 100_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pools(HashSet<Box<str>>);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    #[error("line {line}: {text:?} is no domain name")]
    NoName { line: usize, text: String },
    #[error("more than {MOST} names")]
    TooMany,
}

impl Default for Pools {
    /// The list that ships with Tamon.
    fn default() -> Self {
        Pools::parse(BUILTIN).unwrap_or_else(|error| panic!("content/miner/pools.txt: {error}"))
    }
}

impl Pools {
    /// One domain a line; `#` begins a comment.
    pub fn parse(text: &str) -> Result<Pools, PoolError> {
        let mut names = HashSet::new();
        for (index, line) in text.lines().enumerate() {
            let name = line.split('#').next().unwrap_or_default().trim().trim_end_matches('.').to_ascii_lowercase();
            if name.is_empty() {
                continue;
            }
            if !is_name(&name) {
                let text = event::text::clip(line, 80).to_owned();
                return Err(PoolError::NoName { line: index + 1, text });
            }
            if names.len() >= MOST {
                return Err(PoolError::TooMany);
            }
            names.insert(name.into());
        }
        Ok(Pools(names))
    }

    /// Adds another list's names.
    pub fn extend(&mut self, more: Pools) {
        self.0.extend(more.0);
    }

    /// `host` lower case.
    pub(crate) fn serve(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.');
        if WEB_SITES.contains(&host.split('.').next().unwrap_or_default()) {
            return false;
        }
        std::iter::successors(Some(host), |rest| rest.split_once('.').map(|(_, above)| above))
            .take(10)
            .any(|name| self.0.contains(name))
    }
}

/// At least two labels, so that no line covers a whole top-level domain.
fn is_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    name.len() <= 253 && name.contains('.') && name.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_with_all_below_it_but_its_web_site() {
        let pools = Pools::default();
        let check = |host: &str, expected| assert_eq!(pools.serve(host), expected, "{host}");
        check("pool.supportxmr.com", true);
        check("xmr-eu1.nanopool.org", true);
        check("xmrpool.eu", true);
        check("www.nicehash.com", false);
        check("notnanopool.org", false);
        check("example.org", false);
        check("org", false);
        check("", false);
    }

    #[test]
    fn a_line_that_is_no_name_is_an_error_with_its_number() {
        assert_eq!(
            Pools::parse("a.example # one\n\nno name\n"),
            Err(PoolError::NoName { line: 3, text: "no name".into() })
        );
        assert!(Pools::parse("com\n").is_err());
        assert_eq!(Pools::parse("A.Example.\n").unwrap(), Pools::parse("a.example").unwrap());
    }
}
