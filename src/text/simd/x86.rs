/*!
Kernels for x86-64: AVX2 (32 bytes an instruction) and AVX-512BW (64 bytes, masks come for free).

A range test `lo ≤ b ≤ hi` is `(b - lo) as unsigned ≤ hi - lo`: one subtraction and one minimum.
*/

#![allow(
    unsafe_code,
    reason = "vendor intrinsics; each kernel is tested against the scalar twin"
)]
// Intrinsics take signed lanes for bytes.
#![allow(clippy::cast_ptr_alignment, reason = "unaligned loads and stores only")]

use std::arch::x86_64::{
    __m256i, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_min_epu8,
    _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8, _mm256_storeu_si256, _mm256_sub_epi8,
    _mm512_cmpeq_epi8_mask, _mm512_cmple_epu8_mask, _mm512_loadu_si512, _mm512_mask_add_epi8,
    _mm512_movepi8_mask, _mm512_or_si512, _mm512_set1_epi8, _mm512_storeu_si512, _mm512_sub_epi8,
};

use super::{Kernel, Masks, Runs, find_with};

/// The kernels that this machine can run, slowest first.
pub fn available() -> Vec<(&'static str, Kernel)> {
    let mut kernels: Vec<(&'static str, Kernel)> = Vec::new();
    let bits = is_x86_feature_detected!("bmi1") && is_x86_feature_detected!("popcnt");
    if bits && is_x86_feature_detected!("avx2") {
        kernels.push(("avx2", avx2));
    }
    if bits && is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("avx512f") {
        kernels.push(("avx512", avx512));
    }
    kernels
}

fn avx2(text: &[u8], runs: &mut Runs) {
    // SAFETY: `available` lists this kernel only where the machine has these features.
    unsafe { avx2_blocks(text, runs) }
}

#[target_feature(enable = "avx2,bmi1,popcnt")]
fn avx2_blocks(text: &[u8], runs: &mut Runs) {
    let half = |from: *const u8, to: *mut u8| {
        // SAFETY: both pointers are to 32 bytes inside a block of 64 that the caller borrows.
        let b = unsafe { _mm256_loadu_si256(from.cast::<__m256i>()) };
        let in_range = |v: __m256i, low: u8, span: u8| {
            let above = _mm256_sub_epi8(v, _mm256_set1_epi8(low as i8));
            _mm256_cmpeq_epi8(_mm256_min_epu8(above, _mm256_set1_epi8(span as i8)), above)
        };
        let upper = in_range(b, b'A', 25);
        let lower = _mm256_or_si256(b, _mm256_and_si256(upper, _mm256_set1_epi8(0x20)));
        // SAFETY: as above.
        unsafe { _mm256_storeu_si256(to.cast::<__m256i>(), lower) };
        [
            in_range(lower, b'a', 25),
            in_range(b, b'0', 9),
            _mm256_cmpeq_epi8(b, _mm256_set1_epi8(b'\'' as i8)),
            // The sign bit of a byte is set for bytes ≥ 0x80: movemask takes sign bits.
            b,
        ]
        .map(|mask| u64::from(_mm256_movemask_epi8(mask) as u32))
    };
    find_with(text, runs, |from, to| {
        let low = half(from[..32].as_ptr(), to[..32].as_mut_ptr());
        let high = half(from[32..].as_ptr(), to[32..].as_mut_ptr());
        Masks {
            letter: low[0] | high[0] << 32,
            digit: low[1] | high[1] << 32,
            apostrophe: low[2] | high[2] << 32,
            high: low[3] | high[3] << 32,
        }
    });
}

fn avx512(text: &[u8], runs: &mut Runs) {
    // SAFETY: `available` lists this kernel only where the machine has these features.
    unsafe { avx512_blocks(text, runs) }
}

#[target_feature(enable = "avx512f,avx512bw,bmi1,popcnt")]
fn avx512_blocks(text: &[u8], runs: &mut Runs) {
    find_with(text, runs, |from, to| {
        // SAFETY: `from` is a borrowed block of 64 bytes.
        let b = unsafe { _mm512_loadu_si512(from.as_ptr().cast()) };
        let in_range = |v, low: u8, span: u8| {
            _mm512_cmple_epu8_mask(
                _mm512_sub_epi8(v, _mm512_set1_epi8(low as i8)),
                _mm512_set1_epi8(span as i8),
            )
        };
        let upper = in_range(b, b'A', 25);
        let lower = _mm512_mask_add_epi8(b, upper, b, _mm512_set1_epi8(0x20));
        // SAFETY: `to` is a borrowed block of 64 bytes.
        unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), lower) };
        Masks {
            letter: in_range(_mm512_or_si512(b, _mm512_set1_epi8(0x20)), b'a', 25),
            digit: in_range(b, b'0', 9),
            apostrophe: _mm512_cmpeq_epi8_mask(b, _mm512_set1_epi8(b'\'' as i8)),
            high: _mm512_movepi8_mask(b),
        }
    });
}
