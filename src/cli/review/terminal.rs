/*!
Leaves the terminal as it was.

While a key is waited for, the terminal neither shows what is typed nor ends lines as usual. Whoever ends the program then, from elsewhere
or by closing the window, must not be left with that. Answers need no care: each is on disk before the next question.
*/

use anyhow::{Context as _, Result};

/// From here on, a request to end puts the terminal back first.
#[cfg(unix)]
pub fn guard() -> Result<()> {
    use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
    use tokio::signal::unix::{SignalKind, signal};

    let before = tcgetattr(std::io::stdin()).context("looking at the terminal")?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .context("waiting for signals")?;
    // Before the first question, so that none comes too early.
    let (mut terminate, mut hang_up) = {
        let _inside = runtime.enter();
        (
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
        )
    };
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            let number = runtime.block_on(async {
                tokio::select! {
                    _ = terminate.recv() => SignalKind::terminate(),
                    _ = hang_up.recv() => SignalKind::hangup(),
                }
            });
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &before);
            std::process::exit(128 + number.as_raw_value());
        })
        .context("starting a thread")?;
    Ok(())
}

/// Elsewhere there is nothing to put back.
#[cfg(not(unix))]
pub fn guard() -> Result<()> {
    Ok(())
}
