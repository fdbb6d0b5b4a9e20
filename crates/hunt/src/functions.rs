//! The functions a hunt may call. A list of what is allowed, so that whatever an engine grows later stays shut until someone
//! has looked at it.

/// In alphabetical order, lower case.
pub const FUNCTIONS: &[&str] = &[
    "abs",
    "approx_distinct",
    "approx_median",
    "approx_percentile_cont",
    "array_agg",
    "array_contains",
    "array_distinct",
    "array_element",
    "array_has",
    "array_has_any",
    "array_length",
    "array_sort",
    "array_to_string",
    "ascii",
    "avg",
    "bit_length",
    "bool_and",
    "bool_or",
    "btrim",
    "ceil",
    "char_length",
    "character_length",
    "chr",
    "coalesce",
    "concat",
    "concat_ws",
    "contains",
    "corr",
    "count",
    "cume_dist",
    "current_date",
    "current_timestamp",
    "date_bin",
    "date_part",
    "date_trunc",
    "dense_rank",
    "ends_with",
    "exp",
    "extract",
    "first_value",
    "floor",
    "from_unixtime",
    "greatest",
    "initcap",
    "instr",
    "label",
    "lag",
    "last_value",
    "lead",
    "least",
    "left",
    "length",
    "levenshtein",
    "ln",
    "log",
    "log10",
    "log2",
    "lower",
    "lpad",
    "ltrim",
    "max",
    "mean",
    "median",
    "min",
    "nth_value",
    "ntile",
    "nullif",
    "nvl",
    "octet_length",
    "percent_rank",
    "position",
    "power",
    "now",
    "rank",
    "regexp_count",
    "regexp_like",
    "regexp_match",
    "regexp_replace",
    "replace",
    "reverse",
    "right",
    "round",
    "row_number",
    "rpad",
    "rtrim",
    "split_part",
    "sqrt",
    "starts_with",
    "stddev",
    "stddev_pop",
    "strpos",
    "substr",
    "substr_index",
    "substring",
    "sum",
    "to_char",
    "to_date",
    "to_hex",
    "to_timestamp",
    "to_timestamp_micros",
    "to_timestamp_millis",
    "to_timestamp_nanos",
    "to_timestamp_seconds",
    "translate",
    "trim",
    "trunc",
    "upper",
    "var",
    "var_pop",
];

pub fn is_allowed(name: &str) -> bool {
    FUNCTIONS.contains(&name.to_ascii_lowercase().as_str())
}

/// The allowed name that is closest to a mistyped one, if it is close at all.
pub(crate) fn nearest(name: &str) -> Option<String> {
    nearest_of(name, FUNCTIONS.iter().copied())
}

/// The word that was probably meant, if one is close enough.
pub fn nearest_of<'a>(name: &str, words: impl Iterator<Item = &'a str>) -> Option<String> {
    let name = name.to_ascii_lowercase();
    let (best, distance) = words.map(|w| (w, distance(&name, w))).min_by_key(|(_, d)| *d)?;
    (distance <= 2 && distance < name.len()).then(|| best.to_owned())
}

/// Edits between two short words.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().take(64).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, cb) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_its_names() {
        assert!(is_allowed("COUNT") && is_allowed("regexp_like"));
        assert!(!is_allowed("read_parquet") && !is_allowed("version"));
        assert_eq!(nearest("lenght").as_deref(), Some("length"));
        assert_eq!(nearest("read_parquet"), None);
    }
}
