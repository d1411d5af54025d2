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

use super::signs::{self, Classes, Signs};
use super::stops::{self, Stops};
use super::{BLOCK, Kernels, Masks, Runs, find_with};

/// The kernels that this machine can run, slowest first.
pub fn available() -> Vec<(&'static str, Kernels)> {
    let mut kernels: Vec<(&'static str, Kernels)> = Vec::new();
    let bits = is_x86_feature_detected!("bmi1") && is_x86_feature_detected!("popcnt");
    if bits && is_x86_feature_detected!("avx2") {
        kernels.push((
            "avx2",
            Kernels {
                runs: avx2,
                signs: avx2_signs,
                stops: avx2_stops,
            },
        ));
    }
    if bits && is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("avx512f") {
        kernels.push((
            "avx512",
            Kernels {
                runs: avx512,
                signs: avx512_signs,
                stops: avx512_stops,
            },
        ));
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

fn avx2_signs(text: &[u8], signs: &mut Signs) {
    // SAFETY: `available` lists this kernel only where the machine has these features.
    unsafe { avx2_sign_blocks(text, signs) }
}

#[target_feature(enable = "avx2,bmi1,popcnt")]
fn avx2_sign_blocks(text: &[u8], signs: &mut Signs) {
    let half = |from: *const u8| {
        // SAFETY: the pointer is to 32 bytes inside a block of 64 that the caller borrows.
        let b = unsafe { _mm256_loadu_si256(from.cast::<__m256i>()) };
        let is = |byte: u8| _mm256_cmpeq_epi8(b, _mm256_set1_epi8(byte as i8));
        let above = _mm256_sub_epi8(b, _mm256_set1_epi8(b'A' as i8));
        let least = _mm256_min_epu8(above, _mm256_set1_epi8(25));
        let bracket = is(b'(');
        [
            is(b'\n'),
            _mm256_or_si256(is(b'/'), is(b':')),
            bracket,
            _mm256_or_si256(is(b'.'), bracket),
            _mm256_cmpeq_epi8(least, above),
        ]
        .map(|mask| u64::from(_mm256_movemask_epi8(mask) as u32))
    };
    signs::find_with(text, signs, |block: &[u8; BLOCK]| {
        let (low, high) = (half(block[..32].as_ptr()), half(block[32..].as_ptr()));
        let whole = |i: usize| low[i] | high[i] << 32;
        Classes {
            newline: whole(0),
            mark: whole(1),
            bracket: whole(2),
            opening: whole(3),
            capital: whole(4),
        }
    });
}

fn avx512_signs(text: &[u8], signs: &mut Signs) {
    // SAFETY: `available` lists this kernel only where the machine has these features.
    unsafe { avx512_sign_blocks(text, signs) }
}

#[target_feature(enable = "avx512f,avx512bw,bmi1,popcnt")]
fn avx512_sign_blocks(text: &[u8], signs: &mut Signs) {
    signs::find_with(text, signs, |block: &[u8; BLOCK]| {
        // SAFETY: `block` is a borrowed block of 64 bytes.
        let b = unsafe { _mm512_loadu_si512(block.as_ptr().cast()) };
        let is = |byte: u8| _mm512_cmpeq_epi8_mask(b, _mm512_set1_epi8(byte as i8));
        let above = _mm512_sub_epi8(b, _mm512_set1_epi8(b'A' as i8));
        let bracket = is(b'(');
        Classes {
            newline: is(b'\n'),
            mark: is(b'/') | is(b':'),
            bracket,
            opening: is(b'.') | bracket,
            capital: _mm512_cmple_epu8_mask(above, _mm512_set1_epi8(25)),
        }
    });
}

fn avx2_stops(line: &[u8], stops: &mut Stops) {
    // SAFETY: `available` lists this kernel only where the machine has these features.
    unsafe { avx2_stop_blocks(line, stops) }
}

#[target_feature(enable = "avx2,bmi1,popcnt")]
fn avx2_stop_blocks(line: &[u8], stops: &mut Stops) {
    let half = |from: *const u8| {
        // SAFETY: the pointer is to 32 bytes inside a block of 64 that the caller borrows.
        let b = unsafe { _mm256_loadu_si256(from.cast::<__m256i>()) };
        let is = |byte: u8| _mm256_cmpeq_epi8(b, _mm256_set1_epi8(byte as i8));
        let control = _mm256_cmpeq_epi8(_mm256_min_epu8(b, _mm256_set1_epi8(0x1f)), b);
        let stop = _mm256_or_si256(_mm256_or_si256(is(b'"'), is(b'\\')), control);
        u64::from(_mm256_movemask_epi8(stop) as u32)
    };
    stops::find_with(line, stops, |block: &[u8; BLOCK]| {
        half(block[..32].as_ptr()) | half(block[32..].as_ptr()) << 32
    });
}

fn avx512_stops(line: &[u8], stops: &mut Stops) {
    // SAFETY: `available` lists this kernel only where the machine has these features.
    unsafe { avx512_stop_blocks(line, stops) }
}

#[target_feature(enable = "avx512f,avx512bw,bmi1,popcnt")]
fn avx512_stop_blocks(line: &[u8], stops: &mut Stops) {
    stops::find_with(line, stops, |block: &[u8; BLOCK]| {
        // SAFETY: `block` is a borrowed block of 64 bytes.
        let b = unsafe { _mm512_loadu_si512(block.as_ptr().cast()) };
        let is = |byte: u8| _mm512_cmpeq_epi8_mask(b, _mm512_set1_epi8(byte as i8));
        is(b'"') | is(b'\\') | _mm512_cmple_epu8_mask(b, _mm512_set1_epi8(0x1f))
    });
}
