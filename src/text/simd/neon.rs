/*!
Kernel for 64-bit ARM: NEON, 16 bytes an instruction.

NEON has no movemask: each byte of a mask is cut to the bit of its place, and three pairwise additions
gather 64 of them into one word.
*/

#![allow(
    unsafe_code,
    reason = "vendor intrinsics; the kernel is tested against the scalar twin"
)]

use std::arch::aarch64::{
    uint8x16_t, vaddq_u8, vandq_u8, vceqq_u8, vcgeq_u8, vcleq_u8, vdupq_n_u8, vgetq_lane_u64,
    vld1q_u8, vorrq_u8, vpaddq_u8, vreinterpretq_u64_u8, vst1q_u8, vsubq_u8,
};

use super::signs::{self, Classes, Signs};
use super::stops::{self, Stops};
use super::{BLOCK, Kernels, Masks, Runs, find_with, one_by_one, scalar};

/// The kernels that this machine can run, slowest first.
pub fn available() -> Vec<(&'static str, Kernels)> {
    if std::arch::is_aarch64_feature_detected!("neon") {
        let kernels = Kernels {
            runs: neon,
            signs: neon_signs,
            stops: neon_stops,
            shingles: scalar::KERNELS.shingles,
            falling: scalar::KERNELS.falling,
            leasts: scalar::KERNELS.leasts,
        };
        vec![("neon", kernels)]
    } else {
        Vec::new()
    }
}

fn neon(text: &[u8], runs: &mut Runs) {
    // SAFETY: `available` lists this kernel only where the machine has NEON.
    unsafe { neon_blocks(text, runs) }
}

#[target_feature(enable = "neon")]
fn neon_blocks(text: &[u8], runs: &mut Runs) {
    let classify = |from: &[u8; BLOCK], to: &mut [u8; BLOCK]| {
        let mut masks = [[vdupq_n_u8(0); 4]; 4];
        for quarter in 0..4 {
            // SAFETY: 16 bytes at 16 × quarter lie inside the block of 64.
            let b = unsafe { vld1q_u8(from.as_ptr().add(16 * quarter)) };
            let in_range =
                |v, low: u8, span: u8| vcleq_u8(vsubq_u8(v, vdupq_n_u8(low)), vdupq_n_u8(span));
            let upper = in_range(b, b'A', 25);
            let lower = vaddq_u8(b, vandq_u8(upper, vdupq_n_u8(0x20)));
            masks[0][quarter] = in_range(vorrq_u8(b, vdupq_n_u8(0x20)), b'a', 25);
            masks[1][quarter] = in_range(b, b'0', 9);
            masks[2][quarter] = vceqq_u8(b, vdupq_n_u8(b'\''));
            masks[3][quarter] = vcgeq_u8(b, vdupq_n_u8(0x80));
            // SAFETY: as above, in the block written to.
            unsafe { vst1q_u8(to.as_mut_ptr().add(16 * quarter), lower) };
        }
        let [letter, digit, apostrophe, high] = masks.map(|mask| gather(mask));
        Masks {
            letter,
            digit,
            apostrophe,
            high,
        }
    };
    find_with(text, runs, classify, one_by_one);
}

fn neon_signs(text: &[u8], signs: &mut Signs) {
    // SAFETY: `available` lists this kernel only where the machine has NEON.
    unsafe { neon_sign_blocks(text, signs) }
}

#[target_feature(enable = "neon")]
fn neon_sign_blocks(text: &[u8], signs: &mut Signs) {
    signs::find_with(text, signs, |block: &[u8; BLOCK]| {
        let mut masks = [[vdupq_n_u8(0); 4]; 5];
        for quarter in 0..4 {
            // SAFETY: 16 bytes at 16 × quarter lie inside the block of 64.
            let b = unsafe { vld1q_u8(block.as_ptr().add(16 * quarter)) };
            let is = |byte: u8| vceqq_u8(b, vdupq_n_u8(byte));
            masks[0][quarter] = is(b'\n');
            masks[1][quarter] = vorrq_u8(is(b'/'), is(b':'));
            masks[2][quarter] = is(b'(');
            masks[3][quarter] = is(b'.');
            masks[4][quarter] = vcleq_u8(vsubq_u8(b, vdupq_n_u8(b'A')), vdupq_n_u8(25));
        }
        let [newline, mark, bracket, stop, capital] = masks.map(|mask| gather(mask));
        Classes {
            newline,
            mark,
            bracket,
            stop,
            capital,
        }
    });
}

fn neon_stops(line: &[u8], stops: &mut Stops) {
    // SAFETY: `available` lists this kernel only where the machine has NEON.
    unsafe { neon_stop_blocks(line, stops) }
}

#[target_feature(enable = "neon")]
fn neon_stop_blocks(line: &[u8], stops: &mut Stops) {
    stops::find_with(line, stops, |block: &[u8; BLOCK]| {
        let mut masks = [vdupq_n_u8(0); 4];
        for (quarter, mask) in masks.iter_mut().enumerate() {
            // SAFETY: 16 bytes at 16 × quarter lie inside the block of 64.
            let b = unsafe { vld1q_u8(block.as_ptr().add(16 * quarter)) };
            let is = |byte: u8| vceqq_u8(b, vdupq_n_u8(byte));
            let control = vcleq_u8(b, vdupq_n_u8(0x1f));
            *mask = vorrq_u8(vorrq_u8(is(b'"'), is(b'\\')), control);
        }
        gather(masks)
    });
}

/// One bit for each byte of four masks.
#[target_feature(enable = "neon")]
fn gather(masks: [uint8x16_t; 4]) -> u64 {
    const BITS: [u8; 16] = [1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128];
    // SAFETY: BITS has 16 bytes.
    let bits = unsafe { vld1q_u8(BITS.as_ptr()) };
    let m = masks.map(|mask| vandq_u8(mask, bits));
    let pairs = vpaddq_u8(vpaddq_u8(m[0], m[1]), vpaddq_u8(m[2], m[3]));
    vgetq_lane_u64::<0>(vreinterpretq_u64_u8(vpaddq_u8(pairs, pairs)))
}
