//! How far a run is, told to whoever wants to know; the library itself shows nothing.

/// Receives how far a run is. Called from many threads.
pub trait Progress: Sync {
    /// A phase begins; `total` is in bytes or items, where known.
    fn begin(&self, phase: &'static str, total: Option<u64>);
    /// So much more of the phase is done.
    fn advance(&self, amount: u64);
    /// The phase is over.
    fn end(&self);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _phase: &'static str, _total: Option<u64>) {}
    fn advance(&self, _amount: u64) {}
    fn end(&self) {}
}
