//! MTLS, enrolment, batches, acks, backpressure, commands.
