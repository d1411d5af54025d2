/*!
Lines and what is told of them → bytes to write, on all threads.

A line is not copied: what goes out are pieces of the blocks in which lines came, with what is told of them in between.
*/

use std::io::{self, IoSlice, Write};
use std::ops::Range;
use std::sync::Arc;

use anyhow::Result;
use rayon::prelude::*;
use samewire::pipeline::stream::Verdict;
use samewire::read::Fault;
use samewire::report::verdict;
use samewire::verify::Relation;

use super::answering::Manner;
use super::intake::{Block, Line};
use super::splice;
use crate::cli::args::{EmitArg, OnErrorArg};

/// Bytes of a usual object, with its name.
const OBJECT: usize = 192;
/// Answers that a thread puts into bytes at a time.
const AT_ONCE: usize = 32;
/// Pieces that are handed to the system at a time.
const PIECES: usize = 512;

/// A line that is to be answered.
pub struct Reply<'b> {
    /// Which block of those answered together it is in.
    pub place: usize,
    pub block: &'b Block,
    pub line: &'b Line,
    pub what: What,
}

/// What a line turned out to be.
pub enum What {
    Story(Told),
    Blank,
    Bad(Fault),
}

/// What a reply wants to know of a story, besides the verdicts.
pub struct Told {
    /// Its id, where that is told.
    pub id: Option<String>,
    pub correction: bool,
}

/// Bytes to write.
#[derive(Debug, Default)]
pub struct Bytes {
    pieces: Vec<Piece>,
    own: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Piece {
    /// Of the block at that place.
    Block(usize, Range<usize>),
    /// Of the bytes that are in no block.
    Own(Range<usize>),
}

impl Bytes {
    /// Adds a piece of a block.
    fn take(&mut self, place: usize, range: Range<usize>) {
        match self.pieces.last_mut() {
            Some(Piece::Block(last, before)) if *last == place && before.end == range.start => {
                before.end = range.end;
            }
            _ if range.is_empty() => {}
            _ => self.pieces.push(Piece::Block(place, range)),
        }
    }

    /// Adds what is appended.
    fn append<E>(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let from = self.own.len();
        write(&mut self.own)?;
        let to = self.own.len();
        match self.pieces.last_mut() {
            Some(Piece::Own(before)) => before.end = to,
            _ if from == to => {}
            _ => self.pieces.push(Piece::Own(from..to)),
        }
        Ok(())
    }

    fn slices<'b>(&'b self, blocks: &'b [Arc<Block>]) -> impl Iterator<Item = IoSlice<'b>> {
        self.pieces.iter().map(|piece| {
            IoSlice::new(match piece {
                Piece::Block(place, range) => &blocks[*place].bytes[range.clone()],
                Piece::Own(range) => &self.own[range.clone()],
            })
        })
    }
}

/// Writes all these bytes, pieces of those blocks, and flushes where there are any.
pub fn write(bytes: &[Bytes], blocks: &[Arc<Block>], out: &mut impl Write) -> io::Result<()> {
    let mut slices: Vec<IoSlice<'_>> = bytes.iter().flat_map(|b| b.slices(blocks)).collect();
    if slices.is_empty() {
        return Ok(());
    }
    for mut some in slices.chunks_mut(PIECES) {
        while !some.is_empty() {
            match out.write_vectored(some) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => IoSlice::advance_slices(&mut some, written),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
    }
    out.flush()
}

/// Puts answers into bytes, in order.
pub fn write_replies(
    replies: &[Reply<'_>],
    verdicts: &[Arc<[Verdict]>],
    manner: &Manner,
) -> Result<Vec<Bytes>> {
    // As many verdicts as stories.
    let mut verdicts = verdicts.iter();
    let told: Vec<&[Verdict]> = replies
        .iter()
        .map(|reply| match reply.what {
            What::Story(_) => verdicts.next().map_or(&[][..], |v| v),
            _ => &[],
        })
        .collect();
    replies
        .par_chunks(AT_ONCE)
        .zip(told.par_chunks(AT_ONCE))
        .map(|(replies, told)| {
            let mut out = Bytes::default();
            if manner.emit == EmitArg::Annotate {
                out.own.reserve(replies.len() * OBJECT);
                out.pieces.reserve(2 * replies.len() + 1);
            }
            for (reply, verdicts) in replies.iter().zip(told) {
                reply.write(verdicts, manner, &mut out)?;
            }
            Ok(out)
        })
        .collect()
}

impl Reply<'_> {
    fn write(&self, verdicts: &[Verdict], manner: &Manner, out: &mut Bytes) -> Result<()> {
        match &self.what {
            What::Story(Told { id, correction }) => {
                let repeats = !correction && is_repeat(verdicts);
                match manner.emit {
                    EmitArg::Events => {
                        let (number, id) = (self.line.number, id.as_deref().unwrap_or_default());
                        return Ok(out.append(|out| verdict::events(out, number, id, verdicts))?);
                    }
                    EmitArg::Unique if repeats => return Ok(()),
                    EmitArg::Repeats if !repeats => return Ok(()),
                    EmitArg::Unique => self.copy(0, out),
                    EmitArg::Annotate | EmitArg::Repeats => {
                        self.put(manner, |out| verdict::object(out, verdicts), out)?;
                    }
                }
            }
            What::Blank => match manner.emit {
                EmitArg::Annotate | EmitArg::Unique => self.copy(0, out),
                EmitArg::Repeats | EmitArg::Events => {}
            },
            What::Bad(_) if manner.on_error != OnErrorArg::Inline => {}
            What::Bad(fault) => {
                let error = format!("{}; {}", fault.reason, fault.next);
                let number = self.line.number;
                match manner.emit {
                    EmitArg::Events => {
                        out.append(|out| verdict::error_event(out, number, &error))?;
                    }
                    EmitArg::Unique | EmitArg::Repeats => {}
                    EmitArg::Annotate => out.append(|out| self.bad(manner, &error, out))?,
                }
            }
        }
        Ok(())
    }

    /// The line from that byte on, with its end.
    fn copy(&self, from: usize, out: &mut Bytes) {
        let Range { start, end } = self.line.range;
        out.take(self.place, start + from..end + usize::from(self.line.ended));
    }

    /// The line with an object in it, or behind one if it is a text.
    fn put(
        &self,
        manner: &Manner,
        object: impl FnOnce(&mut Vec<u8>) -> io::Result<()>,
        out: &mut Bytes,
    ) -> io::Result<()> {
        let start = self.line.range.start;
        if manner.plain {
            out.append(object)?;
            out.append(|out| out.write_all(b"\t"))?;
            self.copy(0, out);
        } else if let Some(place) = splice::place(&self.block.bytes[self.line.range.clone()]) {
            out.take(self.place, start..start + place.at);
            out.append(|out| place.put(&manner.name, object, out))?;
            self.copy(place.at, out);
        } else {
            self.copy(0, out);
        }
        Ok(())
    }

    /// What stands for a line that is no story: nothing of the line itself.
    fn bad(&self, manner: &Manner, error: &str, out: &mut Vec<u8>) -> io::Result<()> {
        let object = |out: &mut Vec<u8>| verdict::error(out, self.line.number, error);
        if manner.plain {
            object(out)?;
            out.push(b'\t');
        } else {
            out.push(b'{');
            let place = splice::Place {
                at: 0,
                follows: false,
            };
            place.put(&manner.name, object, out)?;
            out.push(b'}');
        }
        if self.line.ended {
            out.push(manner.end);
        }
        Ok(())
    }
}

/// Whether whoever wants each story once does not want this one. A later version is wanted; what somebody decided to be one is not.
fn is_repeat(verdicts: &[Verdict]) -> bool {
    verdicts
        .first()
        .filter(|v| v.caption == 0)
        .and_then(|v| v.repeat.as_ref())
        .is_some_and(|r| {
            matches!(
                r.relation,
                Relation::Exact | Relation::Near | Relation::Contains | Relation::Decided
            )
        })
}
