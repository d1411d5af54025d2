/*!
What is known, on disk.
*/

pub mod change;
pub mod derived;
