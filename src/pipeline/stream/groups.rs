//! Groups that grow, merge and are forgotten: disjoint sets whose nodes go when nothing speaks of them any more.

use std::collections::{BTreeSet, HashMap};

use crate::index::store::change;

/// A node of the forest. Of any unit the set is found from the node that it holds.
#[derive(Clone, Copy, Debug)]
struct Node {
    parent: u32,
    /// Units that hold this node, and nodes below it.
    references: u32,
    /// Number of the first unit in input order.
    first: u64,
    /// The name, as its 48 bits.
    name: u64,
}

/// All groups, those of one included.
#[derive(Debug, Default)]
pub struct Groups {
    nodes: Vec<Node>,
    free: Vec<u32>,
    /// Nodes that are not as they were when this was last asked for. Names and ways to the top count, references do not.
    touched: Vec<u32>,
    /// Whether such nodes are noted.
    notes: bool,
    /// What decisions say of the set of a node that stands for one (see [`constraints`](super::constraints)).
    marks: HashMap<u32, BTreeSet<u32>>,
}

impl Groups {
    /// From nodes of an earlier run, and the node of each unit that holds one. None if they do not hold together.
    pub fn of_nodes(
        nodes: &[(u32, change::Node)],
        held: impl IntoIterator<Item = u32>,
    ) -> Option<Self> {
        let count = nodes.last().map_or(0, |n| n.0 as usize + 1);
        let mut there = vec![None; count];
        for &(number, node) in nodes {
            there[number as usize] = Some(node);
        }
        let mut references = vec![0_u32; count];
        let above = nodes.iter().filter(|(number, n)| n.parent != *number);
        for node in above.map(|(_, n)| n.parent).chain(held) {
            there.get(node as usize).copied().flatten()?;
            references[node as usize] += 1;
        }
        let mut groups = Self::default();
        for (number, (node, references)) in there.into_iter().zip(references).enumerate() {
            let number = number as u32;
            let node = node.unwrap_or(change::Node {
                parent: number,
                ..change::Node::default()
            });
            if references == 0 {
                groups.free.push(number);
            }
            groups.nodes.push(Node {
                parent: node.parent,
                references,
                first: node.first,
                name: node.name,
            });
        }
        groups.free.reverse();
        groups.ends().then_some(groups)
    }

    /// Whether every way up ends.
    fn ends(&self) -> bool {
        let mut ends = vec![false; self.nodes.len()];
        let mut way = Vec::new();
        for start in 0..self.nodes.len() {
            let mut at = start;
            while !ends[at] {
                if way.len() > self.nodes.len() {
                    return false;
                }
                way.push(at);
                let parent = self.nodes[at].parent as usize;
                if parent == at {
                    break;
                }
                at = parent;
            }
            for at in way.drain(..) {
                ends[at] = true;
            }
        }
        true
    }

    /// All of it as numbers.
    pub fn words(&self) -> Vec<u64> {
        let words = |n: &Node| {
            let first = u64::from(n.parent) << 32 | u64::from(n.references);
            [first, n.first, n.name]
        };
        self.nodes.iter().flat_map(words).collect()
    }

    /// From what [`words`](Self::words) gave. None if it does not hold together.
    pub fn of_words(words: &[u64]) -> Option<Self> {
        let nodes: Vec<Node> = words
            .chunks_exact(3)
            .map(|w| Node {
                parent: (w[0] >> 32) as u32,
                references: w[0] as u32,
                first: w[1],
                name: w[2],
            })
            .collect();
        let holds = words.len().is_multiple_of(3)
            && nodes.iter().all(|n| (n.parent as usize) < nodes.len());
        let groups = Self {
            free: (0..nodes.len() as u32)
                .rev()
                .filter(|&n| nodes[n as usize].references == 0)
                .collect(),
            nodes,
            ..Self::default()
        };
        (holds && groups.ends()).then_some(groups)
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        self.nodes.capacity() * size_of::<Node>() + self.free.capacity() * 4
    }

    /// A group of one: unit number `first`, under that name. The node is the unit's to hold.
    pub fn found(&mut self, first: u64, name: u64) -> u32 {
        let number = self.free.pop().unwrap_or_else(|| {
            self.nodes.push(Node {
                parent: 0,
                references: 0,
                first: 0,
                name: 0,
            });
            self.nodes.len() as u32 - 1
        });
        self.nodes[number as usize] = Node {
            parent: number,
            references: 1,
            first,
            name,
        };
        self.touch(number);
        number
    }

    /// From now on notes what changes.
    pub fn note(&mut self) {
        self.notes = true;
    }

    fn touch(&mut self, node: u32) {
        if self.notes {
            self.touched.push(node);
        }
    }

    /// The nodes that changed since the last time, each once and in order; none for one that is gone.
    pub fn take_touched(&mut self) -> Vec<(u32, Option<change::Node>)> {
        let mut touched = std::mem::take(&mut self.touched);
        touched.sort_unstable();
        touched.dedup();
        let node = |&number: &u32| {
            let node = &self.nodes[number as usize];
            let there = change::Node {
                parent: node.parent,
                first: node.first,
                name: node.name,
            };
            (number, (node.references > 0).then_some(there))
        };
        touched.iter().map(node).collect()
    }

    /// The node that stands for the set of `node`.
    pub fn root(&self, mut node: u32) -> u32 {
        while self.nodes[node as usize].parent != node {
            node = self.nodes[node as usize].parent;
        }
        node
    }

    /// The name of the set of `node`.
    pub fn name(&self, node: u32) -> u64 {
        self.nodes[self.root(node) as usize].name
    }

    /// Number of the first unit of the set of `node`.
    pub fn first(&self, node: u32) -> u64 {
        self.nodes[self.root(node) as usize].first
    }

    /// Marks the set of `node`. The marks of sets that join are those of both, and they end with the set.
    pub fn mark(&mut self, node: u32, marks: &[u32]) {
        if !marks.is_empty() {
            let root = self.root(node);
            self.marks.entry(root).or_default().extend(marks);
        }
    }

    /// The marks of the set of `node`; none for most.
    pub fn marks(&self, node: u32) -> Option<&BTreeSet<u32>> {
        self.marks.get(&self.root(node))
    }

    /// One more unit that belongs to the set of `node`; returns the node for it to hold.
    pub fn hold(&mut self, node: u32) -> u32 {
        let root = self.root(node);
        self.nodes[root as usize].references += 1;
        root
    }

    /// Joins two sets under the name of the one whose first unit is earlier; returns the other name, which is given up. None if they
    /// are one set already.
    pub fn join(&mut self, a: u32, b: u32) -> Option<u64> {
        let (mut large, mut small) = (self.root(a), self.root(b));
        if large == small {
            return None;
        }
        let of = |n: u32| self.nodes[n as usize];
        let (early, late) = if of(large).first < of(small).first {
            (of(large), of(small))
        } else {
            (of(small), of(large))
        };
        // References stand in for size: paths stay short.
        if of(large).references < of(small).references {
            std::mem::swap(&mut large, &mut small);
        }
        self.nodes[small as usize].parent = large;
        self.touch(small);
        self.touch(large);
        let root = &mut self.nodes[large as usize];
        root.references += 1;
        root.first = early.first;
        root.name = early.name;
        if let Some(marks) = self.marks.remove(&small) {
            self.marks.entry(large).or_default().extend(marks);
        }
        Some(late.name)
    }

    /// A unit that held `node` has left.
    pub fn release(&mut self, mut node: u32) {
        loop {
            let here = &mut self.nodes[node as usize];
            here.references -= 1;
            if here.references > 0 {
                return;
            }
            let parent = here.parent;
            self.free.push(node);
            self.touch(node);
            if parent == node {
                self.marks.remove(&node);
                return;
            }
            node = parent;
        }
    }

    /// Nodes in use.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.nodes.len() - self.free.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_that_of_the_first() {
        let mut groups = Groups::default();
        let nodes: Vec<u32> = (0..4).map(|i| groups.found(i, 100 + i)).collect();
        assert_eq!(groups.join(nodes[3], nodes[2]), Some(103));
        assert_eq!(groups.join(nodes[3], nodes[1]), Some(102));
        assert_eq!(groups.join(nodes[2], nodes[1]), None);
        for &node in &nodes[1..] {
            assert_eq!(groups.name(node), 101);
        }
        assert_eq!(groups.name(nodes[0]), 100);
    }

    #[test]
    fn a_group_lives_as_long_as_a_member() {
        let mut groups = Groups::default();
        let (a, b) = (groups.found(0, 1), groups.found(1, 2));
        groups.join(a, b);
        let c = groups.hold(b);
        groups.release(a);
        groups.release(b);
        assert_eq!(groups.name(c), 1);
        groups.release(c);
        assert_eq!(groups.len(), 0);
        for i in 0..10_000 {
            let one = groups.found(i, i);
            let other = groups.hold(one);
            groups.release(one);
            groups.release(other);
        }
        assert!(groups.nodes.len() <= 2);
    }

    #[test]
    fn marks_join_and_end_with_their_group() {
        let mut groups = Groups::default();
        let (a, b) = (groups.found(0, 1), groups.found(1, 2));
        groups.mark(a, &[7]);
        groups.mark(b, &[9]);
        groups.join(a, b);
        let both = BTreeSet::from([7, 9]);
        assert_eq!(
            (groups.marks(a), groups.marks(b)),
            (Some(&both), Some(&both))
        );
        groups.release(a);
        assert_eq!(groups.marks(b), Some(&both));
        groups.release(b);
        // The places are used again, the marks are not.
        let nodes = [groups.found(2, 3), groups.found(3, 4)];
        assert!(nodes.iter().all(|&n| groups.marks(n).is_none()) && groups.marks.is_empty());
    }
}
