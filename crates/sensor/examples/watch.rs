//! Prints what the sensor sees for some seconds (argument 1), of one process tree's name or of all: a way to look.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seconds = std::env::args().nth(1).map_or(Ok(5), |n| n.parse())?;
    let began = std::time::Instant::now();
    let mut sensor = sensor::Sensor::start(sensor::Config::default(), sensor::probe(None))?;
    println!("started in {:?}: {:?}", began.elapsed(), sensor.probe());
    let end = std::time::Instant::now() + std::time::Duration::from_secs(seconds);
    while std::time::Instant::now() < end {
        sensor.drain(&mut |seen| println!("{} {} {:?}", seen.boottime_ns, seen.actor.tgid, seen.what))?;
    }
    println!("seen {} told {} lost {:?}", sensor.seen(), sensor.told(), sensor.loss());
    Ok(())
}
