//! Tests of the room as a whole: files in, stories and rejections out.

mod damage;
mod formats;
mod lines;
mod shared;
mod whole;
