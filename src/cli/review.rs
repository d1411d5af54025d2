/*!
`samewire review`: yes or no for each link, kept as constraints for `group --decisions` and as labels for `eval`.

```text
GROUPS, --links ─▶ queue (most doubtful first) ─▶ question ─▶ answer ─▶ journal (on disk at once)
                                                     ▲─── undo ◀──┘
```
*/

mod answers;
mod journal;
mod queue;
mod terminal;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use samewire::read::Store;
use samewire::report::compare::{Name, Page};
use samewire::report::escape;
use samewire::verify::Relation;
use samewire::verify::comparison::Comparison;
use samewire::verify::prepared::Making;
use samewire::{Corpus as _, Error};

use super::args::ReviewArgs;
use super::compare::lookup::{Found, Lookup, place};
use super::compare::{corpus, name};
use super::inputs::STDIN;
use super::output::{self, Identity};
use super::plan::{Plan, Voice};
use super::{Exit, indexes, say};
use answers::{Answer, Answers};
use journal::{Journal, can_stand};
use queue::{Question, Queue, Side};

const HELP: &str = "\
y  yes: one story, or one caption; keep one of the two
n  no: they are two, and never stand in one group
s  skip: no decision; it is asked again another time
f  show all of both texts
u  undo the last answer
q  quit; what is answered is saved
?  this";

/// Asks until all is answered, or the user quits.
pub fn run(args: Box<ReviewArgs>) -> Result<Exit> {
    let ReviewArgs {
        groups,
        links,
        within,
        records,
        judging,
        general,
        decisions,
        full,
    } = *args;
    if groups == Path::new(STDIN) {
        bail!("answers come from standard input; write the groups to a file first");
    }
    let queue = Queue::read(&groups, links.as_deref())?;
    if queue.questions.is_empty() {
        bail!(
            "{}: ties no two stories together; there is nothing to ask",
            groups.display()
        );
    }
    let paths = paths(within, &groups, &queue)?;
    let plan = Plan::of_pairs(paths, records, &judging, &general)?;
    let answers = Path::new(STDIN);
    let written = Identity::of(&decisions);
    let mut read = std::iter::once(&groups)
        .chain(&links)
        .map(|file| Identity::of(file))
        .chain([Identity::of_input(answers)]);
    if written.is_some() && read.any(|file| file == written) {
        bail!(
            "{}: cannot be read and written to; give another --decisions",
            decisions.display()
        );
    }
    let beside: Vec<&Path> = [&groups, &decisions]
        .into_iter()
        .chain(&links)
        .map(PathBuf::as_path)
        .chain([answers])
        .collect();
    plan.check(&beside, &[])?;
    let (store, rejected) = corpus(&plan)?;
    let pairs = resolve(&queue.questions, &store, &plan);
    let lost = queue.questions.len() - pairs.len();
    let journal = Journal::open(&decisions)?;
    let answers = Answers::new();
    if let Answers::Keys(_) = answers {
        terminal::guard()?;
    }
    let mut session = Session {
        journal,
        answers,
        store: &store,
        plan: &plan,
        making: Making::new(&plan.settings),
        full,
        pairs,
        done: Vec::new(),
    };
    session.run(&decisions)?;
    let left = session.undecided();
    Ok(Exit::of(
        plan.exit_code,
        left > 0,
        lost > 0 || !rejected.is_empty(),
    ))
}

/// Where the stories are: as the user says, or as the groups say.
fn paths(within: Vec<PathBuf>, groups: &Path, queue: &Queue) -> Result<Vec<PathBuf>> {
    if !within.is_empty() {
        return Ok(within);
    }
    if queue.files.iter().any(|f| f == Path::new(STDIN)) {
        bail!("the groups were made from standard input; tell where the stories are: --in PATH");
    }
    indexes::refuse_index(groups, &queue.files, "review")?;
    if let Some(gone) = queue.files.iter().find(|f| !f.exists()) {
        bail!(
            "{}: the groups name this file and it is not there; go to where they were made, or tell where the stories are: --in PATH",
            gone.display()
        );
    }
    Ok(queue.files.clone())
}

/// A question whose stories are found.
struct Pair<'q> {
    question: &'q Question,
    sides: [Found; 2],
    /// As the file of decisions has them.
    names: [String; 2],
}

/// Finds the stories of all questions; says which are not found.
fn resolve<'q>(questions: &'q [Question], store: &Store, plan: &Plan) -> Vec<Pair<'q>> {
    let all = questions.iter().flat_map(|q| &q.sides);
    let names = all.flat_map(|s| std::iter::once(&s.id).chain(&s.place));
    let lookup = Lookup::new(store, &plan.settings, names.map(String::as_str));
    let find = |side: &Side| {
        let by_place = side.place.as_ref().and_then(|p| lookup.find(p, 0).ok());
        by_place.map_or_else(|| lookup.find(&side.id, 0), Ok)
    };
    let mut pairs = Vec::new();
    let mut lost = 0;
    for question in questions {
        match (find(&question.sides[0]), find(&question.sides[1])) {
            (Ok(a), Ok(b)) => {
                let names = [a, b].map(|found| written(store, &lookup, found));
                if names.iter().all(|n| can_stand(n)) {
                    let sides = [a, b];
                    pairs.push(Pair {
                        question,
                        sides,
                        names,
                    });
                    continue;
                }
                say(&format!(
                    "{} and {}: have control characters in their ids and paths, which a file of decisions cannot hold; rename the file",
                    question.sides[0].id, question.sides[1].id
                ));
            }
            (Err(missing), _) => tell_lost(plan, &question.sides[0], &missing.to_string()),
            (_, Err(missing)) => tell_lost(plan, &question.sides[1], &missing.to_string()),
        }
        lost += 1;
    }
    if lost > 0 {
        say(&format!(
            "samewire: not asked: {lost} of {}",
            questions.len()
        ));
    }
    pairs
}

fn tell_lost(plan: &Plan, side: &Side, cause: &str) {
    if plan.voice > Voice::Quiet {
        say(&format!("{}: {cause}", side.id));
    }
}

/// A name that means this unit alone: its id, or its place where several stories have the id.
fn written(store: &Store, lookup: &Lookup<'_>, found: Found) -> String {
    let id = store.story(found.story).id;
    if lookup.versions(&id) < 2 && can_stand(&id) {
        return name(store, found).id;
    }
    let place = place(store, found.story);
    match found.which {
        0 => place,
        n => format!("{place}#caption-{n}"),
    }
}

/// What became of a question.
struct Done {
    at: usize,
    saved: bool,
}

struct Session<'r> {
    journal: Journal,
    answers: Answers,
    store: &'r Store,
    plan: &'r Plan,
    making: Making<'r>,
    full: bool,
    pairs: Vec<Pair<'r>>,
    done: Vec<Done>,
}

impl Session<'_> {
    fn run(&mut self, file: &Path) -> Result<()> {
        let mut out = io::stdout().lock();
        let mut at = 0;
        while at < self.pairs.len() {
            if self.journal.decided(&self.pairs[at].names).is_some() {
                at += 1;
                continue;
            }
            self.show(&mut out, at, self.full)?;
            at = match self.ask(&mut out, at)? {
                Some(next) => next,
                None => break,
            };
        }
        let answered = |same| {
            let these = self.done.iter().filter(|d| d.saved);
            these
                .filter(|d| self.journal.decided(&self.pairs[d.at].names) == Some(same))
                .count()
        };
        writeln!(
            out,
            "{} yes, {} no, {} left; decisions are in {}",
            answered(true),
            answered(false),
            self.undecided(),
            escape(&file.display().to_string())
        )?;
        Ok(())
    }

    /// Pairs without a decision.
    fn undecided(&self) -> usize {
        let open = |p: &&Pair<'_>| self.journal.decided(&p.names).is_none();
        self.pairs.iter().filter(open).count()
    }

    /// Takes answers until the question is done; the next question, or none to quit.
    fn ask(&mut self, out: &mut impl Write, at: usize) -> Result<Option<usize>> {
        loop {
            write!(out, "one and the same? [y n s f u q ?] ")?;
            out.flush()?;
            let answer = self.answers.next()?;
            writeln!(out, "{}", answer.word())?;
            match answer {
                Answer::Yes | Answer::No => {
                    let names = &self.pairs[at].names;
                    match self.journal.add(names, answer == Answer::Yes) {
                        Ok(()) => {
                            self.done.push(Done { at, saved: true });
                            return Ok(Some(at + 1));
                        }
                        // The answer is what is wrong, not the file.
                        Err(error) if is_contradiction(&error) => {
                            writeln!(out, "not saved: {}", escape(&format!("{error:#}")))?;
                        }
                        Err(error) => return Err(error),
                    }
                }
                Answer::Skip => {
                    self.done.push(Done { at, saved: false });
                    return Ok(Some(at + 1));
                }
                Answer::Undo => match self.done.pop() {
                    None => writeln!(out, "nothing was answered yet")?,
                    Some(done) => {
                        if done.saved {
                            self.journal.undo(&self.pairs[done.at].names)?;
                        }
                        return Ok(Some(done.at));
                    }
                },
                Answer::Full => self.show(out, at, true)?,
                Answer::Quit => return Ok(None),
                Answer::Help | Answer::Unknown => writeln!(out, "{HELP}")?,
            }
        }
    }

    fn show(&mut self, out: &mut impl Write, at: usize, full: bool) -> Result<()> {
        let pair = &self.pairs[at];
        let question = pair.question;
        let width = output::width();
        let joined = match (&question.group, joins(&question.relation)) {
            (Some(group), true) => format!("joined in {}", escape(group)),
            (Some(group), false) => format!("kept apart, yet both are in {}", escape(group)),
            (None, _) => "kept apart".to_owned(),
        };
        let head = format!(
            "━━ {} of {}: {} {:.2}, {joined} ",
            at + 1,
            self.pairs.len(),
            escape(&question.relation),
            question.jaccard
        );
        let rule = width.min(120).saturating_sub(head.chars().count());
        writeln!(out, "\n{head}{}", "━".repeat(rule))?;
        let [a, b] = pair.sides;
        let [of_a, of_b] = [a, b].map(|f| self.making.prepare(self.store.story(f.story), f.which));
        if let Some(lost) = self.store.lost().first() {
            bail!("{lost}; what was decided so far is kept");
        }
        let c = Comparison::new(&self.making, of_a, of_b, &self.plan.settings);
        let names: [Name; 2] = [name(self.store, a), name(self.store, b)];
        let page = Page::new(width, self.plan.colored());
        let page = if full { page.full() } else { page };
        page.write(out, &c, [&names[0], &names[1]])?;
        writeln!(out)?;
        Ok(())
    }
}

fn joins(relation: &str) -> bool {
    relation == Relation::Decided.name()
        || Relation::ALL
            .iter()
            .any(|r| r.name() == relation && r.joins())
}

fn is_contradiction(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref::<Error>(), Some(Error::Decision { .. }))
}
