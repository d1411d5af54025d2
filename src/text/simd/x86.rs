/*!
Kernels for x86-64: AVX2 (32 bytes an instruction) and AVX-512 (64 bytes, masks come for free), the latter where it has VBMI2, which presses the
places of bounds together: the first processors with AVX-512 have not, and run slower while they use wide registers.

A range test `lo ≤ b ≤ hi` is `(b - lo) as unsigned ≤ hi - lo`: one subtraction and one minimum.
*/

#![allow(
    unsafe_code,
    reason = "vendor intrinsics; each kernel is tested against the scalar twin"
)]
// Intrinsics take signed lanes for bytes.
#![allow(clippy::cast_ptr_alignment, reason = "unaligned loads and stores only")]

use std::arch::x86_64::{
    __m256i, __m512i, _MM_HINT_T0, _mm_prefetch, _mm256_add_epi64, _mm256_alignr_epi64,
    _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_cmpneq_epu64_mask, _mm256_loadu_si256,
    _mm256_maskz_compress_epi64, _mm256_min_epu8, _mm256_min_epu64, _mm256_movemask_epi8,
    _mm256_mul_epu32, _mm256_mullo_epi64, _mm256_or_si256, _mm256_permutexvar_epi64,
    _mm256_set1_epi8, _mm256_set1_epi64x, _mm256_setzero_si256, _mm256_srli_epi64,
    _mm256_srlv_epi64, _mm256_storeu_si256, _mm256_sub_epi8, _mm256_test_epi64_mask,
    _mm256_xor_si256, _mm512_add_epi32, _mm512_cmpeq_epi8_mask, _mm512_cmple_epu8_mask,
    _mm512_cvtepu8_epi32, _mm512_extracti32x4_epi32, _mm512_loadu_si512, _mm512_mask_add_epi8,
    _mm512_maskz_compress_epi8, _mm512_movepi8_mask, _mm512_or_si512, _mm512_set1_epi8,
    _mm512_set1_epi32, _mm512_storeu_si512, _mm512_sub_epi8,
};
use std::mem::MaybeUninit;

use super::signs::{self, Classes, Signs};
use super::stops::{self, Stops};
use super::{BLOCK, Bins, Kernels, Masks, NEIGHBOURS, Runs, find_with, one_by_one, scalar};
use crate::text::shingle;

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
        kernels.push((
            "avx2",
            Kernels {
                runs: avx2,
                signs: avx2_signs,
                stops: avx2_stops,
                shingles: scalar::KERNELS.shingles,
                falling: scalar::KERNELS.falling,
                leasts: scalar::KERNELS.leasts,
            },
        ));
    }
    let wide = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512vbmi2");
    if bits && wide {
        kernels.push((
            "avx512",
            Kernels {
                runs: avx512,
                signs: avx512_signs,
                stops: avx512_stops,
                shingles: avx512_shingles,
                falling: avx512_falling,
                leasts: avx512_leasts,
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

fn avx512(text: &[u8], runs: &mut Runs) {
    // SAFETY: `available` lists this kernel only where the machine has these features.
    unsafe { avx512_blocks(text, runs) }
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
fn avx512_blocks(text: &[u8], runs: &mut Runs) {
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

fn avx512_shingles(words: &[u64], n: usize, out: &mut Vec<u64>) {
    // SAFETY: `available` lists this kernel only where the machine has these features.
    match n {
        3 => unsafe { avx512_windows::<3>(words, out) },
        5 => unsafe { avx512_windows::<5>(words, out) },
        _ => shingle::collect_rolling(words, n, out),
    }
}

/// Numbers that are worked on at once: registers of 256 bits, for multiplying in wider ones makes the processor run slower for a while.
const LANES: usize = 4;

/// Four shingles at a time, each for itself.
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
fn avx512_windows<const N: usize>(words: &[u64], out: &mut Vec<u64>) {
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
        store(avx512_finalise(raw), &mut spare[at..]);
        if at + LANES >= count {
            break;
        }
        // The last four may have been made before in part.
        at = (at + LANES).min(count - LANES);
    }
    // SAFETY: so many were written, four at a time and the last four at the end.
    unsafe { out.set_len(out.len() + count) };
}

fn avx512_falling(hashes: &[u64], salt: u64, bins: Bins<'_>, out: &mut Vec<u64>) {
    let mut wanted = [0; LANES];
    match wanted.get_mut(..bins.wanted.len()) {
        Some(words) => words.copy_from_slice(bins.wanted),
        // More bins than a register has bits.
        None => return scalar::falling(hashes, salt, bins, out),
    }
    // SAFETY: `available` lists this kernel only where the machine has these features.
    unsafe { avx512_falling_fours(hashes, salt, bins, &wanted, out) }
}

/// Four hashes at a time; those that are not wanted are pressed out.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,popcnt")]
fn avx512_falling_fours(
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
        let anew = avx512_finalise(_mm256_xor_si256(load(four), salts));
        // The upper half of 64 × 32 bits, as [`Bins::of`].
        let low = _mm256_srli_epi64::<32>(_mm256_mul_epu32(anew, count));
        let high = _mm256_mul_epu32(_mm256_srli_epi64::<32>(anew), count);
        let bin = _mm256_srli_epi64::<32>(_mm256_add_epi64(high, low));
        let word = _mm256_permutexvar_epi64(_mm256_srli_epi64::<6>(bin), wanted);
        let place = _mm256_and_si256(bin, _mm256_set1_epi64x(63));
        let bit = _mm256_srlv_epi64(word, place);
        let falls = _mm256_test_epi64_mask(bit, _mm256_set1_epi64x(1));
        store(_mm256_maskz_compress_epi64(falls, anew), &mut spare[kept..]);
        kept += falls.count_ones() as usize;
    }
    // SAFETY: so many were written.
    unsafe { out.set_len(kept) };
    let rest = rest.iter().map(|&hash| shingle::finalise(hash ^ salt));
    out.extend(rest.filter(|&hash| bins.wants(hash)));
}

fn avx512_leasts(hashes: &[u64], out: &mut Vec<u64>) {
    // SAFETY: `available` lists this kernel only where the machine has these features.
    unsafe { avx512_leasts_fours(hashes, out) }
}

/// Four windows at a time; those that are the same as the one before are pressed out.
#[target_feature(enable = "avx512f,avx512vl,popcnt")]
fn avx512_leasts_fours(hashes: &[u64], out: &mut Vec<u64>) {
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
    let mut last = out[start..].last().copied();
    for window in hashes.windows(NEIGHBOURS).skip(fours * LANES) {
        let least = window.iter().min().copied();
        if least != last {
            out.extend(least);
            last = least;
        }
    }
}

/// [`shingle::finalise`].
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
fn avx512_finalise(x: __m256i) -> __m256i {
    let [first, second] = shingle::FINALISERS.map(|by| _mm256_set1_epi64x(by as i64));
    let x = _mm256_mullo_epi64(_mm256_xor_si256(x, _mm256_srli_epi64::<30>(x)), first);
    let x = _mm256_mullo_epi64(_mm256_xor_si256(x, _mm256_srli_epi64::<27>(x)), second);
    _mm256_xor_si256(x, _mm256_srli_epi64::<31>(x))
}

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
        Classes {
            newline: is(b'\n'),
            mark: is(b'/') | is(b':'),
            bracket: is(b'('),
            stop: is(b'.'),
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
