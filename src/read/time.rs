//! Times as agencies write them → seconds since 1970.

/// Seconds since 1970-01-01T00:00Z.
pub fn parse(_text: &str) -> Option<i64> {
    None
}
