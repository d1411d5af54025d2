//! Kernels for AVX-512: 64 bytes an instruction, and masks come for free.

use std::arch::x86_64::{
    __m256i, __m512i, _mm256_add_epi64, _mm256_alignr_epi64, _mm256_and_si256,
    _mm256_cmpneq_epu64_mask, _mm256_maskz_compress_epi64, _mm256_min_epu64, _mm256_mullo_epi64,
    _mm256_permutexvar_epi64, _mm256_set1_epi64x, _mm256_setzero_si256, _mm256_srli_epi64,
    _mm256_srlv_epi64, _mm256_test_epi64_mask, _mm256_xor_si256, _mm512_add_epi32,
    _mm512_cmpeq_epi8_mask, _mm512_cmple_epu8_mask, _mm512_cvtepu8_epi32,
    _mm512_extracti32x4_epi32, _mm512_loadu_si512, _mm512_mask_add_epi8,
    _mm512_maskz_compress_epi8, _mm512_movepi8_mask, _mm512_or_si512, _mm512_set1_epi8,
    _mm512_set1_epi32, _mm512_storeu_si512, _mm512_sub_epi8,
};

use super::super::signs::{self, Classes, Signs};
use super::super::stops::{self, Stops};
use super::super::{BLOCK, Bins, Kernels, Masks, NEIGHBOURS, Runs, find_with, scalar};
use super::{LANES, bins_of, last_leasts, load, store, wanted};
use crate::text::shingle;

/// All of them. Needs AVX-512 F, BW, DQ, VL and VBMI2, BMI1 and POPCNT.
pub const KERNELS: Kernels = Kernels {
    runs,
    signs: find_signs,
    stops: find_stops,
    shingles,
    falling,
    leasts,
};

fn runs(text: &[u8], runs: &mut Runs) {
    // SAFETY: `available` lists this kernel only where the machine has these features.
    unsafe { blocks(text, runs) }
}

/// Numbers of the bytes of a block.
static PLACES: [u8; BLOCK] = {
    let mut places = [0; BLOCK];
    let mut i = 0;
    while i < BLOCK {
        places[i] = i as u8;
        i += 1;
    }
    places
};

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,bmi1,popcnt")]
fn blocks(text: &[u8], runs: &mut Runs) {
    let classify = |from: &[u8; BLOCK], to: &mut [u8; BLOCK]| {
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
    };
    // SAFETY: 64 bytes that live as long as the program.
    let places: __m512i = unsafe { _mm512_loadu_si512(PLACES.as_ptr().cast()) };
    find_with(text, runs, classify, |out, at, edges| {
        let pressed = _mm512_maskz_compress_epi8(edges, places);
        let base = _mm512_set1_epi32(at as i32);
        let write = |sixteen, out: &mut [u32; 16]| {
            let bounds = _mm512_add_epi32(_mm512_cvtepu8_epi32(sixteen), base);
            // SAFETY: `out` is 64 borrowed bytes.
            unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), bounds) };
        };
        let ([first, second, third, fourth], _) = out.as_chunks_mut() else {
            unreachable!("64 bounds are four times 16");
        };
        write(_mm512_extracti32x4_epi32::<0>(pressed), first);
        write(_mm512_extracti32x4_epi32::<1>(pressed), second);
        // Prose has some twenty bounds.
        if edges.count_ones() > 32 {
            write(_mm512_extracti32x4_epi32::<2>(pressed), third);
            write(_mm512_extracti32x4_epi32::<3>(pressed), fourth);
        }
    });
}

fn find_signs(text: &[u8], signs: &mut Signs) {
    // SAFETY: `available` lists this kernel only where the machine has these features.
    unsafe { sign_blocks(text, signs) }
}

#[target_feature(enable = "avx512f,avx512bw,bmi1,popcnt")]
fn sign_blocks(text: &[u8], signs: &mut Signs) {
    signs::find_with(text, signs, |block: &[u8; BLOCK]| {
        // SAFETY: `block` is a borrowed block of 64 bytes.
        let b = unsafe { _mm512_loadu_si512(block.as_ptr().cast()) };
        let is = |byte: u8| _mm512_cmpeq_epi8_mask(b, _mm512_set1_epi8(byte as i8));
        let above = _mm512_sub_epi8(b, _mm512_set1_epi8(b'A' as i8));
        Classes {
            newline: is(b'\n'),
            mark: is(b'/') | is(b':'),
            bracket: is(b'('),
            stop: is(b'.'),
            capital: _mm512_cmple_epu8_mask(above, _mm512_set1_epi8(25)),
        }
    });
}

fn find_stops(line: &[u8], stops: &mut Stops) {
    // SAFETY: `available` lists this kernel only where the machine has these features.
    unsafe { stop_blocks(line, stops) }
}

#[target_feature(enable = "avx512f,avx512bw,bmi1,popcnt")]
fn stop_blocks(line: &[u8], stops: &mut Stops) {
    stops::find_with(line, stops, |block: &[u8; BLOCK]| {
        // SAFETY: `block` is a borrowed block of 64 bytes.
        let b = unsafe { _mm512_loadu_si512(block.as_ptr().cast()) };
        let is = |byte: u8| _mm512_cmpeq_epi8_mask(b, _mm512_set1_epi8(byte as i8));
        is(b'"') | is(b'\\') | _mm512_cmple_epu8_mask(b, _mm512_set1_epi8(0x1f))
    });
}

fn shingles(words: &[u64], n: usize, out: &mut Vec<u64>) {
    // SAFETY: `available` lists this kernel only where the machine has these features.
    match n {
        3 => unsafe { windows::<3>(words, out) },
        5 => unsafe { windows::<5>(words, out) },
        _ => shingle::collect_rolling(words, n, out),
    }
}

/// Four shingles at a time, each for itself.
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
fn windows<const N: usize>(words: &[u64], out: &mut Vec<u64>) {
    if words.len() < N + LANES - 1 {
        shingle::collect_rolling(words, N, out);
        return;
    }
    let count = words.len() - N + 1;
    out.reserve(count);
    let spare = &mut out.spare_capacity_mut()[..count];
    let powers = shingle::powers::<N>().map(|power| _mm256_set1_epi64x(power as i64));
    let mut at = 0;
    loop {
        let window = &words[at..at + N + LANES - 1];
        let mut raw = _mm256_setzero_si256();
        for (i, &power) in powers.iter().enumerate() {
            let words = load(&window[i..]);
            // The last power is 1.
            let term = if i + 1 == N {
                words
            } else {
                _mm256_mullo_epi64(words, power)
            };
            raw = _mm256_add_epi64(raw, term);
        }
        store(finalise(raw), &mut spare[at..]);
        if at + LANES >= count {
            break;
        }
        // The last four may have been made before in part.
        at = (at + LANES).min(count - LANES);
    }
    // SAFETY: so many were written, four at a time and the last four at the end.
    unsafe { out.set_len(out.len() + count) };
}

fn falling(hashes: &[u64], salt: u64, bins: Bins<'_>, out: &mut Vec<u64>) {
    match wanted(bins) {
        // SAFETY: `available` lists this kernel only where the machine has these features.
        Some(wanted) => unsafe { falling_fours(hashes, salt, bins, &wanted, out) },
        None => scalar::falling(hashes, salt, bins, out),
    }
}

/// Four hashes at a time; those that are not wanted are pressed out.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,popcnt")]
fn falling_fours(
    hashes: &[u64],
    salt: u64,
    bins: Bins<'_>,
    wanted: &[u64; LANES],
    out: &mut Vec<u64>,
) {
    out.clear();
    let (fours, rest) = hashes.as_chunks::<LANES>();
    // Four are written however many are kept.
    out.reserve((fours.len() + 1) * LANES);
    let spare = out.spare_capacity_mut();
    let salts = _mm256_set1_epi64x(salt as i64);
    let count = _mm256_set1_epi64x(bins.count as i64);
    let wanted = load(wanted);
    let mut kept = 0;
    for four in fours {
        let anew = finalise(_mm256_xor_si256(load(four), salts));
        let bin = bins_of(anew, count);
        let word = _mm256_permutexvar_epi64(_mm256_srli_epi64::<6>(bin), wanted);
        let place = _mm256_and_si256(bin, _mm256_set1_epi64x(63));
        let bit = _mm256_srlv_epi64(word, place);
        let falls = _mm256_test_epi64_mask(bit, _mm256_set1_epi64x(1));
        store(_mm256_maskz_compress_epi64(falls, anew), &mut spare[kept..]);
        kept += falls.count_ones() as usize;
    }
    // SAFETY: so many were written.
    unsafe { out.set_len(kept) };
    scalar::append_falling(rest, salt, bins, out);
}

fn leasts(hashes: &[u64], out: &mut Vec<u64>) {
    // SAFETY: `available` lists this kernel only where the machine has these features.
    unsafe { leasts_fours(hashes, out) }
}

/// Four windows at a time; those that are the same as the one before are pressed out.
#[target_feature(enable = "avx512f,avx512vl,popcnt")]
fn leasts_fours(hashes: &[u64], out: &mut Vec<u64>) {
    let fours = hashes.len().saturating_sub(NEIGHBOURS - 1) / LANES;
    // Four are written however many are kept.
    out.reserve((fours + 1) * LANES);
    let spare = out.spare_capacity_mut();
    let mut kept = 0;
    // Of the four windows before, of which the last counts.
    let mut before = _mm256_setzero_si256();
    for four in 0..fours {
        let window = &hashes[four * LANES..][..NEIGHBOURS + LANES - 1];
        let pair = |i: usize| _mm256_min_epu64(load(&window[i..]), load(&window[i + 1..]));
        let least = _mm256_min_epu64(_mm256_min_epu64(pair(0), pair(2)), pair(4));
        let one_before = _mm256_alignr_epi64::<3>(least, before);
        let is_first = u8::from(four == 0);
        let new = _mm256_cmpneq_epu64_mask(least, one_before) | is_first;
        store(_mm256_maskz_compress_epi64(new, least), &mut spare[kept..]);
        kept += new.count_ones() as usize;
        before = least;
    }
    let start = out.len();
    // SAFETY: so many were written.
    unsafe { out.set_len(start + kept) };
    last_leasts(&hashes[fours * LANES..], start, out);
}

/// [`shingle::finalise`].
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
fn finalise(x: __m256i) -> __m256i {
    let [first, second] = shingle::FINALISERS.map(|by| _mm256_set1_epi64x(by as i64));
    let x = _mm256_mullo_epi64(_mm256_xor_si256(x, _mm256_srli_epi64::<30>(x)), first);
    let x = _mm256_mullo_epi64(_mm256_xor_si256(x, _mm256_srli_epi64::<27>(x)), second);
    _mm256_xor_si256(x, _mm256_srli_epi64::<31>(x))
}
