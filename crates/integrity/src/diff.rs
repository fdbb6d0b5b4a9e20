//! Two texts as a unified diff, within limits: a diff is for a person to read.

use similar::{Algorithm, TextDiff};
use std::time::Duration;

/// Lines of context, as everybody shows them.
const CONTEXT: usize = 3;
/// Longer diffs are cut here, at a line.
const MOST_BYTES: usize = 16 << 10;
const MOST_TIME: Duration = Duration::from_millis(200);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    pub text: String,
    /// Lines that were cut off.
    pub cut: usize,
}

/// None when the texts are the same.
pub fn diff(path: &str, before: &str, after: &str) -> Option<Diff> {
    let diff = TextDiff::configure().algorithm(Algorithm::Myers).timeout(MOST_TIME).diff_lines(before, after);
    let name = event::text::printable(path);
    let whole = diff
        .unified_diff()
        .context_radius(CONTEXT)
        .header(&format!("{name} before"), &format!("{name} after"))
        .to_string();
    if whole.is_empty() {
        return None;
    }
    if whole.len() <= MOST_BYTES {
        return Some(Diff { text: whole, cut: 0 });
    }
    let kept = event::text::clip(&whole, MOST_BYTES);
    let kept = kept.rsplit_once('\n').map_or(kept, |(kept, _)| kept);
    let cut = whole[kept.len()..].lines().filter(|line| !line.is_empty()).count();
    Some(Diff { text: format!("{kept}\n"), cut })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_and_nothing_else() {
        let before = "a\nb\nc\nd\ne\nf\ng\nh\n";
        let told = diff("/etc/x", before, &before.replace("h\n", "H\n")).unwrap();
        assert_eq!(told.text, "--- /etc/x before\n+++ /etc/x after\n@@ -5,4 +5,4 @@\n e\n f\n g\n-h\n+H\n");
        assert_eq!(diff("/etc/x", before, before), None);
    }

    #[test]
    fn a_long_one_is_cut_at_a_line_and_says_so() {
        let long = |word: &str| (0..5_000).map(|n| format!("{word} {n}\n")).collect::<String>();
        let told = diff("/etc/x", &long("old"), &long("new")).unwrap();
        assert!(told.text.len() <= MOST_BYTES && told.text.ends_with('\n') && told.cut > 5_000, "{}", told.cut);
    }
}
