//! SDP: one offer in, one answer out, once per connection.
//!
//! Only these files know SDP text; the rest of the core sees typed sections.

pub mod answer;
pub mod offer;
