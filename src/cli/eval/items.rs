/*!
Ids of labels → units: each unit that labels name is an item, numbered in the order in which it is first named.
*/

use std::collections::BTreeMap;

use samewire::judge::labels::{Fault, Item, Pair};
use samewire::pipeline::Outcome;
use samewire::{Settings, UnitFilter, UnitId, UnitKind};

use super::super::compare::lookup::{Found, Lookup, place};
use super::super::engine::Run;
use super::super::plan::Plan;

/// A unit that labels name.
#[derive(Clone, Copy, Debug)]
pub struct Named {
    /// The story, and which of its units.
    pub found: Found,
    /// What it is.
    pub kind: UnitKind,
    /// The same among the units that were grouped; none where nothing was.
    pub unit: Option<UnitId>,
}

/// All units that labels name.
pub struct Items<'r> {
    lookup: Lookup<'r>,
    run: &'r Run,
    filter: UnitFilter,
    grouped: bool,
    numbers: BTreeMap<(u32, usize), u32>,
    faults: Vec<Fault>,
    /// The items, by number.
    pub all: Vec<Named>,
    /// Labels that other labels contradict.
    pub notes: Vec<Fault>,
    /// Labels of kinds that `--unit` leaves out.
    pub left_out: usize,
}

/// Settings that number a story's units as names do, whatever `--unit` says.
pub fn naming(plan: &Plan) -> Settings {
    Settings {
        units: UnitFilter::All,
        ..plan.settings.clone()
    }
}

impl<'r> Items<'r> {
    /// None yet; `settings` are those of [`naming`].
    pub fn new<'n>(
        run: &'r Run,
        settings: &'r Settings,
        filter: UnitFilter,
        names: impl Iterator<Item = &'n str>,
        grouped: bool,
    ) -> Self {
        Self {
            lookup: Lookup::new(&*run.corpus, settings, names),
            run,
            filter,
            grouped,
            numbers: BTreeMap::new(),
            faults: Vec::new(),
            all: Vec::new(),
            notes: Vec::new(),
            left_out: 0,
        }
    }

    /// The items of a labelled pair; none where one of them is not known, or not compared.
    pub fn pair(&mut self, pair: &Pair) -> Option<[u32; 2]> {
        let (a, b) = self.lookup.pair(&pair.ids[0], &pair.ids[1]);
        let mut sides = [None; 2];
        for (i, side) in [a, b].into_iter().enumerate() {
            match side {
                Ok(found) => sides[i] = Some(found),
                Err(missing) => {
                    let cause = format!("{}: {missing}", pair.ids[i]);
                    self.fault(pair.line, cause);
                    return None;
                }
            }
        }
        let [Some(a), Some(b)] = sides else {
            return None;
        };
        if a == b {
            let cause = format!("{}: both ids mean one unit; name two", pair.ids[0]);
            self.fault(pair.line, cause);
            return None;
        }
        if ![a, b].iter().all(|f| self.is_compared(*f)) {
            self.left_out += 1;
            return None;
        }
        Some([self.number(a), self.number(b)])
    }

    /// The unit of a labelled item, the `time`-th with its id; none where it is not known, or not compared.
    pub fn item(&mut self, item: &Item, time: usize) -> Option<u32> {
        let by_place = item.place.as_ref().and_then(|place| {
            // A caption's place is that of its story.
            let name = match item.id.rsplit_once("#caption-") {
                Some((_, number)) => format!("{place}#caption-{number}"),
                None => place.clone(),
            };
            self.lookup.find(&name, 0).ok()
        });
        let found = match by_place.map_or_else(|| self.lookup.find(&item.id, time), Ok) {
            Ok(found) => found,
            Err(missing) => {
                let cause = format!("{}: {missing}", item.id);
                self.fault(item.line, cause);
                return None;
            }
        };
        if !self.is_compared(found) {
            self.left_out += 1;
            return None;
        }
        Some(self.number(found))
    }

    /// How a unit is named on the command line: by its id, or by its place where several stories have the id.
    pub fn name(&self, found: Found) -> String {
        let id = self.run.corpus.story(found.story).id;
        let story = if self.lookup.versions(&id) > 1 {
            place(&*self.run.corpus, found.story)
        } else {
            id.into_owned()
        };
        match found.which {
            0 => story,
            n => format!("{story}#caption-{n}"),
        }
    }

    /// A label that cannot be used.
    pub fn fault(&mut self, line: usize, cause: String) {
        self.faults.push(Fault { line, cause });
    }

    /// Labels that could not be used.
    pub fn take_faults(&mut self) -> Vec<Fault> {
        std::mem::take(&mut self.faults)
    }

    fn kind(&self, found: Found) -> UnitKind {
        match found.which {
            0 => self.run.corpus.story(found.story).kind,
            _ => UnitKind::Caption,
        }
    }

    fn is_compared(&self, found: Found) -> bool {
        self.filter.admits(self.kind(found))
    }

    fn number(&mut self, found: Found) -> u32 {
        let key = (found.story.0, found.which);
        if let Some(&number) = self.numbers.get(&key) {
            return number;
        }
        let number = self.all.len() as u32;
        self.numbers.insert(key, number);
        self.all.push(Named {
            found,
            kind: self.kind(found),
            unit: self
                .grouped
                .then(|| unit_of(&self.run.outcome, found))
                .flatten(),
        });
        number
    }
}

/// The unit among those that were grouped.
fn unit_of(outcome: &Outcome, found: Found) -> Option<UnitId> {
    let first = outcome.units.partition_point(|u| u.story < found.story);
    let of_story = outcome.units[first..]
        .iter()
        .take_while(|u| u.story == found.story);
    of_story
        .enumerate()
        .find(|(_, u)| usize::from(u.caption) == found.which)
        .map(|(i, _)| UnitId((first + i) as u32))
}

/// For each unit the number of its group; one that is alone has a number of its own.
pub fn group_numbers(outcome: &Outcome) -> Vec<u32> {
    let groups = outcome.groups.len() as u32;
    let mut of: Vec<u32> = (0..outcome.units.len() as u32)
        .map(|u| groups + u)
        .collect();
    for (number, group) in outcome.groups.iter().enumerate() {
        for member in &group.members {
            of[member.unit.index()] = number as u32;
        }
    }
    of
}
