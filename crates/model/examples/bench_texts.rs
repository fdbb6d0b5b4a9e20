fn main() {
    use model::layout::Layout as _;
    let path = std::env::args().nth(1).unwrap();
    let bytes = std::fs::read(path).unwrap();
    let mut row = Vec::new();
    for layout in model::layouts() {
        layout.extract(&bytes, &mut row);
        let t = std::time::Instant::now();
        for _ in 0..3 { layout.extract(&bytes, &mut row); }
        println!("{} {} bytes {:?}", layout.id(), bytes.len(), t.elapsed() / 3);
    }
}
