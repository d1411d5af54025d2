/*!
A progress bar on stderr, where that is a terminal and the user did not ask for quiet.
*/

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use samewire::pipeline::progress::Progress;

use super::plan::Voice;

/// The bar of the phase that runs.
pub struct Bar(ProgressBar);

impl Bar {
    /// Shows nothing before the first phase begins.
    pub fn new(voice: Voice) -> Self {
        let shown = voice > Voice::Quiet && io::stderr().is_terminal();
        let target = if shown {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        Self(ProgressBar::with_draw_target(None, target))
    }
}

/// The phases that count bytes read; all others count items.
fn counts_bytes(phase: &str) -> bool {
    phase.starts_with("read")
}

fn style(phase: &str, total: bool) -> ProgressStyle {
    let template = match (counts_bytes(phase), total) {
        (true, true) => "{msg:10} {bar:30} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left",
        (true, false) => "{msg:10} {spinner} {bytes}  {bytes_per_sec}",
        (false, true) => "{msg:10} {bar:30} {human_pos}/{human_len}  {eta} left",
        (false, false) => "{msg:10} {spinner} {human_pos}",
    };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

impl Progress for Bar {
    fn begin(&self, phase: &'static str, total: Option<u64>) {
        self.0.set_style(style(phase, total.is_some()));
        match total {
            Some(total) => self.0.set_length(total),
            None => self.0.unset_length(),
        }
        self.0.set_message(phase);
        // Last, because it draws.
        self.0.reset();
        // By a thread of its own, which nobody needs who sees nothing.
        if !self.0.is_hidden() {
            self.0.enable_steady_tick(Duration::from_millis(100));
        }
    }

    fn advance(&self, amount: u64) {
        self.0.inc(amount);
    }

    fn end(&self) {
        self.0.disable_steady_tick();
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_valid() {
        for phase in ["reading", "comparing"] {
            for total in [true, false] {
                let _ = style(phase, total);
            }
        }
        let bar = Bar::new(Voice::Quiet);
        bar.begin("reading", Some(10));
        bar.advance(10);
        bar.end();
        bar.begin("comparing", None);
        bar.end();
    }
}
