//! The HTTP edge: routes, pages, errors and headers.
//!
//! The only room that knows status codes. It never touches SQL or media; what happens is decided in `app`.

pub mod pages;
