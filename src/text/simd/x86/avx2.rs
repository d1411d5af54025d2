//! Kernels for AVX2: 32 bytes an instruction.

use std::arch::x86_64::{
    __m256i, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_min_epu8,
    _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8, _mm256_storeu_si256, _mm256_sub_epi8,
};

use super::super::signs::{self, Classes, Signs};
use super::super::stops::{self, Stops};
use super::super::{BLOCK, Kernels, Masks, Runs, find_with, one_by_one, scalar};

/// All of them. Needs AVX2, BMI1 and POPCNT.
pub const KERNELS: Kernels = Kernels {
    runs,
    signs: find_signs,
    stops: find_stops,
    shingles: scalar::KERNELS.shingles,
    falling: scalar::KERNELS.falling,
    leasts: scalar::KERNELS.leasts,
};

fn runs(text: &[u8], runs: &mut Runs) {
    // SAFETY: `available` lists this kernel only where the machine has these features.
    unsafe { blocks(text, runs) }
}

#[target_feature(enable = "avx2,bmi1,popcnt")]
fn blocks(text: &[u8], runs: &mut Runs) {
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
    let classify = |from: &[u8; BLOCK], to: &mut [u8; BLOCK]| {
        let low = half(from[..32].as_ptr(), to[..32].as_mut_ptr());
        let high = half(from[32..].as_ptr(), to[32..].as_mut_ptr());
        Masks {
            letter: low[0] | high[0] << 32,
            digit: low[1] | high[1] << 32,
            apostrophe: low[2] | high[2] << 32,
            high: low[3] | high[3] << 32,
        }
    };
    find_with(text, runs, classify, one_by_one);
}

fn find_signs(text: &[u8], signs: &mut Signs) {
    // SAFETY: `available` lists this kernel only where the machine has these features.
    unsafe { sign_blocks(text, signs) }
}

#[target_feature(enable = "avx2,bmi1,popcnt")]
fn sign_blocks(text: &[u8], signs: &mut Signs) {
    let half = |from: *const u8| {
        // SAFETY: the pointer is to 32 bytes inside a block of 64 that the caller borrows.
        let b = unsafe { _mm256_loadu_si256(from.cast::<__m256i>()) };
        let is = |byte: u8| _mm256_cmpeq_epi8(b, _mm256_set1_epi8(byte as i8));
        let above = _mm256_sub_epi8(b, _mm256_set1_epi8(b'A' as i8));
        let least = _mm256_min_epu8(above, _mm256_set1_epi8(25));
        [
            is(b'\n'),
            _mm256_or_si256(is(b'/'), is(b':')),
            is(b'('),
            is(b'.'),
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
            stop: whole(3),
            capital: whole(4),
        }
    });
}

fn find_stops(line: &[u8], stops: &mut Stops) {
    // SAFETY: `available` lists this kernel only where the machine has these features.
    unsafe { stop_blocks(line, stops) }
}

#[target_feature(enable = "avx2,bmi1,popcnt")]
fn stop_blocks(line: &[u8], stops: &mut Stops) {
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
