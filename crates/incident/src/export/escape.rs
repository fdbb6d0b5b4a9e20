//! Text of an attacker's making inside a page: shown, never obeyed.

/// For element content and for attribute values in double quotes.
pub fn escape(text: &str) -> String {
    let printable = event::text::printable(text);
    let mut out = String::with_capacity(printable.len());
    for c in printable.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn nothing_stays_markup() {
        assert_eq!(escape("<b a=\"'\">&\u{1b}[31m"), "&lt;b a=&quot;&#39;&quot;&gt;&amp;\\u{1b}[31m");
        assert_eq!(escape("日本"), "日本");
    }
}
