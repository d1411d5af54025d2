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

use super::{BLOCK, Kernel, Masks, Runs, find_with};

/// The kernels that this machine can run, slowest first.
pub fn available() -> Vec<(&'static str, Kernel)> {
    if std::arch::is_aarch64_feature_detected!("neon") {
        vec![("neon", neon)]
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
    find_with(text, runs, |from: &[u8; BLOCK], to: &mut [u8; BLOCK]| {
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
