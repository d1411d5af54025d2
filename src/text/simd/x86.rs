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

use super::{BLOCK, Kernel};

/// The kernels that this machine can run, slowest first.
pub fn available() -> Vec<(&'static str, Kernel)> {
    let mut kernels: Vec<(&'static str, Kernel)> = Vec::new();
    if is_x86_feature_detected!("avx2") {
        kernels.push(("avx2", avx2));
    }
    if is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("avx512f") {
        kernels.push(("avx512", avx512));
    }
    kernels
}

/// Runs `block` over whole blocks of `text`, the last one copied into a zeroed block.
fn over_blocks(
    text: &[u8],
    folded: &mut [u8],
    word: &mut [u64],
    special: &mut [u64],
    block: impl Fn(&[u8; BLOCK], &mut [u8; BLOCK]) -> (u64, u64),
) {
    let (whole, rest) = text.as_chunks::<BLOCK>();
    let (out, _) = folded.as_chunks_mut::<BLOCK>();
    for (i, (from, to)) in whole.iter().zip(out.iter_mut()).enumerate() {
        (word[i], special[i]) = block(from, to);
    }
    if !rest.is_empty() {
        let mut last = [0; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        let i = whole.len();
        (word[i], special[i]) = block(&last, &mut out[i]);
    }
}

fn avx2(text: &[u8], folded: &mut [u8], word: &mut [u64], special: &mut [u64]) {
    // SAFETY: `available` lists this kernel only where the machine has AVX2.
    unsafe { avx2_blocks(text, folded, word, special) }
}

#[target_feature(enable = "avx2")]
fn avx2_blocks(text: &[u8], folded: &mut [u8], word: &mut [u64], special: &mut [u64]) {
    let half = |from: *const u8, to: *mut u8| {
        // SAFETY: both pointers are to 32 bytes inside a block of 64 that the caller borrows.
        let b = unsafe { _mm256_loadu_si256(from.cast::<__m256i>()) };
        let in_range = |v: __m256i, low: u8, span: u8| {
            let above = _mm256_sub_epi8(v, _mm256_set1_epi8(low as i8));
            _mm256_cmpeq_epi8(_mm256_min_epu8(above, _mm256_set1_epi8(span as i8)), above)
        };
        let upper = in_range(b, b'A', 25);
        let lower = _mm256_or_si256(b, _mm256_and_si256(upper, _mm256_set1_epi8(0x20)));
        let letter = in_range(lower, b'a', 25);
        let digit = in_range(b, b'0', 9);
        let apostrophe = _mm256_cmpeq_epi8(b, _mm256_set1_epi8(b'\'' as i8));
        // The sign bit of a byte is set for bytes ≥ 0x80: movemask takes sign bits.
        let special = _mm256_or_si256(apostrophe, b);
        let word = _mm256_or_si256(_mm256_or_si256(letter, digit), special);
        // SAFETY: as above.
        unsafe { _mm256_storeu_si256(to.cast::<__m256i>(), lower) };
        (
            u64::from(_mm256_movemask_epi8(word) as u32),
            u64::from(_mm256_movemask_epi8(special) as u32),
        )
    };
    over_blocks(text, folded, word, special, |from, to| {
        let (w0, s0) = half(from[..32].as_ptr(), to[..32].as_mut_ptr());
        let (w1, s1) = half(from[32..].as_ptr(), to[32..].as_mut_ptr());
        (w0 | (w1 << 32), s0 | (s1 << 32))
    });
}

fn avx512(text: &[u8], folded: &mut [u8], word: &mut [u64], special: &mut [u64]) {
    // SAFETY: `available` lists this kernel only where the machine has AVX-512F and AVX-512BW.
    unsafe { avx512_blocks(text, folded, word, special) }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn avx512_blocks(text: &[u8], folded: &mut [u8], word: &mut [u64], special: &mut [u64]) {
    over_blocks(text, folded, word, special, |from, to| {
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
        let letter = in_range(_mm512_or_si512(b, _mm512_set1_epi8(0x20)), b'a', 25);
        let digit = in_range(b, b'0', 9);
        let special =
            _mm512_cmpeq_epi8_mask(b, _mm512_set1_epi8(b'\'' as i8)) | _mm512_movepi8_mask(b);
        // SAFETY: `to` is a borrowed block of 64 bytes.
        unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), lower) };
        (letter | digit | special, special)
    });
}
