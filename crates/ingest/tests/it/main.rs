mod faults;
mod once;
mod wire_road;
mod world;
