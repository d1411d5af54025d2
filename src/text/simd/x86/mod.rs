/*!
Kernels for x86-64: [`avx2`] (32 bytes an instruction) and [`avx512`] (64 bytes, masks come for free), the latter where it has VBMI2, which presses
the places of bounds together: the first processors with AVX-512 have not, and run slower while they use wide registers.

A range test `lo ≤ b ≤ hi` is `(b - lo) as unsigned ≤ hi - lo`: one subtraction and one minimum.
*/

#![allow(
    unsafe_code,
    reason = "vendor intrinsics; each kernel is tested against the scalar twin"
)]
// Intrinsics take signed lanes for bytes.
#![allow(clippy::cast_ptr_alignment, reason = "unaligned loads and stores only")]

mod avx2;
mod avx512;

use std::arch::x86_64::{
    __m256i, _MM_HINT_T0, _mm_prefetch, _mm256_add_epi64, _mm256_loadu_si256, _mm256_mul_epu32,
    _mm256_srli_epi64, _mm256_storeu_si256,
};
use std::mem::MaybeUninit;

use super::{Bins, Kernels, NEIGHBOURS};

/// As [`super::fetch`].
#[inline(always)]
pub fn fetch<T>(place: &T) {
    // SAFETY: every processor of this kind has the instruction, and it changes nothing and faults nowhere.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(place).cast()) }
}

/// The kernels that this machine can run, slowest first.
pub fn available() -> Vec<(&'static str, Kernels)> {
    let mut kernels: Vec<(&'static str, Kernels)> = Vec::new();
    let bits = is_x86_feature_detected!("bmi1") && is_x86_feature_detected!("popcnt");
    if bits && is_x86_feature_detected!("avx2") {
        kernels.push(("avx2", avx2::KERNELS));
    }
    let wide = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512vbmi2");
    if bits && wide {
        kernels.push(("avx512", avx512::KERNELS));
    }
    kernels
}

/// Numbers that are worked on at once: registers of 256 bits, for multiplying in wider ones makes the processor run slower for a while.
const LANES: usize = 4;

#[target_feature(enable = "avx")]
fn load(from: &[u64]) -> __m256i {
    // SAFETY: four numbers are borrowed.
    unsafe { _mm256_loadu_si256(from[..LANES].as_ptr().cast()) }
}

#[target_feature(enable = "avx")]
fn store(numbers: __m256i, to: &mut [MaybeUninit<u64>]) {
    // SAFETY: four numbers are borrowed.
    unsafe { _mm256_storeu_si256(to[..LANES].as_mut_ptr().cast(), numbers) }
}

/// Appends the least of every [`NEIGHBOURS`] of the hashes that are left; what is the same as the last of those from `start` on is there already.
fn last_leasts(hashes: &[u64], start: usize, out: &mut Vec<u64>) {
    let mut last = out[start..].last().copied();
    for window in hashes.windows(NEIGHBOURS) {
        let least = window.iter().min().copied();
        if least != last {
            out.extend(least);
            last = least;
        }
    }
}

/// The bins that are wanted, if a register has bits for all.
fn wanted(bins: Bins<'_>) -> Option<[u64; LANES]> {
    let mut wanted = [0; LANES];
    wanted
        .get_mut(..bins.wanted.len())?
        .copy_from_slice(bins.wanted);
    Some(wanted)
}

/// The bins of hashes among so many, as [`Bins::of`]: the upper half of 64 × 32 bits.
#[target_feature(enable = "avx2")]
fn bins_of(hashes: __m256i, count: __m256i) -> __m256i {
    let low = _mm256_srli_epi64::<32>(_mm256_mul_epu32(hashes, count));
    let high = _mm256_mul_epu32(_mm256_srli_epi64::<32>(hashes), count);
    _mm256_srli_epi64::<32>(_mm256_add_epi64(high, low))
}
