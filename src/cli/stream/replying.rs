//! Lines and what is told of them → bytes, on all threads.

use std::sync::Arc;

use anyhow::Result;
use rayon::prelude::*;
use samewire::pipeline::stream::Verdict;
use samewire::read::Fault;
use samewire::report::verdict;
use samewire::verify::Relation;

use super::answering::Manner;
use super::intake::{Block, Line};
use super::splice::splice;
use crate::cli::args::{EmitArg, OnErrorArg};

/// Bytes of a usual object, with its name.
const OBJECT: usize = 192;
/// Answers that are put into bytes at a time: few enough that their memory is used again.
const AT_ONCE: usize = 32;

/// A line that is to be answered.
pub struct Reply<'b> {
    pub block: &'b Block,
    pub line: &'b Line,
    pub what: What,
}

/// What a line turned out to be.
pub enum What {
    Story { id: String, correction: bool },
    Blank,
    Bad(Fault),
}

/// Puts answers into bytes, in order.
pub fn write_replies(
    replies: &[Reply<'_>],
    verdicts: &[Arc<[Verdict]>],
    manner: &Manner,
) -> Result<Vec<Vec<u8>>> {
    // As many verdicts as stories.
    let mut verdicts = verdicts.iter();
    let told: Vec<&[Verdict]> = replies
        .iter()
        .map(|reply| match reply.what {
            What::Story { .. } => verdicts.next().map_or(&[][..], |v| v),
            _ => &[],
        })
        .collect();
    replies
        .par_chunks(AT_ONCE)
        .zip(told.par_chunks(AT_ONCE))
        .map(|(replies, told)| {
            let raw: usize = replies.iter().map(|r| r.line.range.len()).sum();
            let room = match manner.emit {
                EmitArg::Annotate => raw + replies.len() * OBJECT,
                _ => 0,
            };
            let mut out = Vec::with_capacity(room);
            for (reply, verdicts) in replies.iter().zip(told) {
                reply.write(verdicts, manner, &mut out)?;
            }
            Ok(out)
        })
        .collect()
}

impl Reply<'_> {
    fn write(&self, verdicts: &[Verdict], manner: &Manner, out: &mut Vec<u8>) -> Result<()> {
        let raw = &self.block.bytes[self.line.range.clone()];
        match &self.what {
            What::Story { id, correction } => {
                let repeats = !correction && is_repeat(verdicts);
                match manner.emit {
                    EmitArg::Events => {
                        return Ok(verdict::events(out, self.line.number, id, verdicts)?);
                    }
                    EmitArg::Unique if repeats => return Ok(()),
                    EmitArg::Repeats if !repeats => return Ok(()),
                    EmitArg::Unique => out.extend_from_slice(raw),
                    EmitArg::Annotate | EmitArg::Repeats => {
                        let mut object = Vec::with_capacity(OBJECT);
                        verdict::object(&mut object, verdicts)?;
                        put(object, manner, raw, out);
                    }
                }
            }
            What::Blank => match manner.emit {
                EmitArg::Annotate | EmitArg::Unique => out.extend_from_slice(raw),
                EmitArg::Repeats | EmitArg::Events => return Ok(()),
            },
            What::Bad(_) if manner.on_error != OnErrorArg::Inline => return Ok(()),
            What::Bad(fault) => {
                let error = format!("{}; {}", fault.reason, fault.next);
                match manner.emit {
                    EmitArg::Events => {
                        return Ok(verdict::error_event(out, self.line.number, &error)?);
                    }
                    EmitArg::Unique | EmitArg::Repeats => return Ok(()),
                    EmitArg::Annotate => {
                        let mut object = Vec::new();
                        verdict::error(&mut object, self.line.number, &error)?;
                        let raw = if manner.plain { &[][..] } else { b"{}" };
                        put(object, manner, raw, out);
                    }
                }
            }
        }
        if self.line.ended {
            out.push(manner.end);
        }
        Ok(())
    }
}

/// Puts an object into a line, or before one that is a text.
fn put(mut object: Vec<u8>, manner: &Manner, raw: &[u8], out: &mut Vec<u8>) {
    if manner.plain {
        out.append(&mut object);
        out.push(b'\t');
        out.extend_from_slice(raw);
    } else {
        splice(raw, &manner.name, &object, out);
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
