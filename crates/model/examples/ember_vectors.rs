//! `ember_vectors LAYOUT < paths`: the features of each file named on a line of standard input, as little-endian `f32` on standard
//! output, one row after the other. What `compare_thrember.py` holds against the original extractor, and trainers may read.

use std::io::{BufRead, Write};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let id = std::env::args().nth(1).unwrap_or_else(|| "ember-v3".to_owned());
    let layouts = model::layouts();
    let known = layouts.iter().map(|layout| layout.id()).collect::<Vec<_>>().join(", ");
    let layout =
        layouts.iter().find(|layout| layout.id() == id).ok_or(format!("no layout {id:?}; there are {known}"))?;
    let mut row = Vec::new();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for path in std::io::stdin().lock().lines() {
        layout.extract(&std::fs::read(path?)?, &mut row);
        assert_eq!(row.len(), layout.width());
        for value in &row {
            out.write_all(&value.to_le_bytes())?;
        }
    }
    Ok(out.flush()?)
}
