//! Counts of what was told right, and how they are printed.

use samewire::judge::figures::{Counts, share};
use samewire::verify::Relation;

/// The relation that was found; none where nothing worth telling is shared.
pub type Found = Option<Relation>;

/// Joined or not against labels, and relations.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    pairs: Counts,
    /// Relations told right, and relations told.
    right: usize,
    told: usize,
}

impl Score {
    /// Counts a pair.
    pub fn count(&mut self, same: bool, joins: bool) {
        self.pairs.count(same, joins);
    }

    /// Counts a relation.
    pub fn count_relation(&mut self, right: bool) {
        self.told += 1;
        self.right += usize::from(right);
    }

    /// Harmonic mean of precision and recall; 1 where nothing is to be joined and nothing is.
    pub fn f1(&self) -> f64 {
        self.pairs.f1().unwrap_or(1.0)
    }

    /// Relations told right.
    pub fn right(&self) -> usize {
        self.right
    }

    /// Figures of joining.
    pub fn joining(&self) -> String {
        format!(
            "precision {:.3}  recall {:.3}  F1 {:.3}   kept apart {} of {}",
            self.pairs.precision().unwrap_or(1.0),
            self.pairs.recall().unwrap_or(1.0),
            self.f1(),
            self.pairs.apart,
            self.pairs.apart + self.pairs.glued
        )
    }

    /// Figures of joining and relations.
    pub fn all(&self) -> String {
        let relations = share(self.right as f64, self.told as f64).unwrap_or(1.0);
        format!(
            "{}   relation {relations:.3} ({} of {})",
            self.joining(),
            self.right,
            self.told
        )
    }
}

/// Labelled relation by found relation.
#[derive(Default)]
pub struct Confusion(Vec<(String, [usize; 7])>);

impl Confusion {
    /// Counts a pair.
    pub fn count(&mut self, label: &str, found: Found) {
        let column = found.map_or(6, |f| {
            Relation::ALL
                .iter()
                .position(|&r| r == f)
                .unwrap_or_default()
        });
        if let Some((_, row)) = self.0.iter_mut().find(|(name, _)| name == label) {
            row[column] += 1;
        } else {
            let mut row = [0; 7];
            row[column] = 1;
            self.0.push((label.to_owned(), row));
        }
    }

    /// Prints it: labels down, found across.
    pub fn print(&self) {
        let names = || Relation::ALL.iter().map(|r| r.name()).chain(["distinct"]);
        print!("  {:>18}", "labelled \\ found");
        names().for_each(|name| print!("{name:>10}"));
        println!();
        for label in names() {
            if let Some((_, row)) = self.0.iter().find(|(name, _)| name == label) {
                print!("  {label:>18}");
                for &n in row {
                    match n {
                        0 => print!("{:>10}", "."),
                        n => print!("{n:>10}"),
                    }
                }
                println!();
            }
        }
    }
}
