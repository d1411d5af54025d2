/*!
What the user answers: a key on a terminal, a line elsewhere.
*/

use std::io::{self, BufRead as _, IsTerminal as _};

use console::{Key, Term};

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Yes,
    No,
    Skip,
    Full,
    Undo,
    Quit,
    Help,
    /// Something else.
    Unknown,
}

/// Where answers come from.
pub enum Answers {
    Keys(Term),
    Lines(io::Lines<io::StdinLock<'static>>),
}

impl Answers {
    /// From standard input; by keys where that is a terminal, and the questions are shown on one.
    pub fn new() -> Self {
        if io::stdin().is_terminal() && io::stdout().is_terminal() {
            Self::Keys(Term::stdout())
        } else {
            Self::Lines(io::stdin().lock().lines())
        }
    }

    /// The next answer; the end of the input (Ctrl-D), Escape and Ctrl-C quit.
    pub fn next(&mut self) -> io::Result<Answer> {
        match self {
            Self::Keys(term) => match term.read_key_raw() {
                // The last is Ctrl-D.
                Ok(Key::Escape | Key::CtrlC | Key::Char('\u{4}')) => Ok(Answer::Quit),
                Ok(Key::Char(c)) => Ok(of(c)),
                Ok(_) => Ok(Answer::Unknown),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(Answer::Quit),
                Err(error) => Err(error),
            },
            Self::Lines(lines) => match lines.next() {
                None => Ok(Answer::Quit),
                Some(line) => Ok(line?.trim().chars().next().map_or(Answer::Unknown, of)),
            },
        }
    }
}

fn of(c: char) -> Answer {
    match c.to_ascii_lowercase() {
        'y' => Answer::Yes,
        'n' => Answer::No,
        's' => Answer::Skip,
        'f' => Answer::Full,
        'u' => Answer::Undo,
        'q' => Answer::Quit,
        '?' | 'h' => Answer::Help,
        _ => Answer::Unknown,
    }
}

impl Answer {
    /// What is shown in answer to a key.
    pub fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Skip => "skipped",
            Self::Full => "all of the text",
            Self::Undo => "undo",
            Self::Quit => "quit",
            Self::Help => "help",
            Self::Unknown => "?",
        }
    }
}
