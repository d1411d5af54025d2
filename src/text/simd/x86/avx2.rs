//! Kernels for AVX2: 32 bytes an instruction.

use std::arch::x86_64::{
    __m256i, _mm_cvtsi64_si128, _mm256_add_epi32, _mm256_add_epi64, _mm256_alignr_epi8,
    _mm256_and_si256, _mm256_blend_epi32, _mm256_blendv_epi8, _mm256_castsi256_pd,
    _mm256_cmpeq_epi8, _mm256_cmpeq_epi64, _mm256_cmpgt_epi64, _mm256_cvtepu8_epi32,
    _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_movemask_pd,
    _mm256_mul_epu32, _mm256_mullo_epi32, _mm256_or_si256, _mm256_permute2x128_si256,
    _mm256_permutevar8x32_epi32, _mm256_set1_epi8, _mm256_set1_epi32, _mm256_set1_epi64x,
    _mm256_setzero_si256, _mm256_slli_epi64, _mm256_sllv_epi64, _mm256_srli_epi64,
    _mm256_storeu_si256, _mm256_sub_epi8, _mm256_sub_epi64, _mm256_xor_si256,
};

use super::super::signs::{self, Classes, Signs};
use super::super::stops::{self, Stops};
use super::super::{BLOCK, Bins, Kernels, Masks, NEIGHBOURS, Runs, find_with, scalar};
use super::{LANES, bins_of, last_leasts, load, store, wanted};
use crate::text::shingle;

/// All of them. Needs AVX2, BMI1 and POPCNT.
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

/// Which bytes are in a range that begins at `low` and has `span` bytes more.
#[target_feature(enable = "avx2")]
fn in_range(bytes: __m256i, low: u8, span: u8) -> __m256i {
    let above = _mm256_sub_epi8(bytes, _mm256_set1_epi8(low as i8));
    _mm256_cmpeq_epi8(_mm256_min_epu8(above, _mm256_set1_epi8(span as i8)), above)
}

/// The places of the bits that are set in a byte, in order, and room.
static PLACES: [[u8; 8]; 256] = {
    let mut places = [[0; 8]; 256];
    let mut byte = 0;
    while byte < places.len() {
        let (mut bit, mut count) = (0, 0);
        while bit < 8 {
            if byte >> bit & 1 == 1 {
                places[byte][count] = bit;
                count += 1;
            }
            bit += 1;
        }
        byte += 1;
    }
    places
};

#[target_feature(enable = "avx2,bmi1,popcnt")]
fn blocks(text: &[u8], runs: &mut Runs) {
    let half = |from: *const u8, to: *mut u8| {
        // SAFETY: both pointers are to 32 bytes inside a block of 64 that the caller borrows.
        let b = unsafe { _mm256_loadu_si256(from.cast::<__m256i>()) };
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
    // By the table for eight bytes of text at a time, and as many bounds as they have: no branch asks how many.
    find_with(text, runs, classify, |out, at, edges| {
        let mut base = _mm256_set1_epi32(at as i32);
        let mut written = 0;
        for byte in edges.to_le_bytes() {
            let places = u64::from_le_bytes(PLACES[byte as usize]);
            let places = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(places as i64));
            let bounds = _mm256_add_epi32(places, base);
            base = _mm256_add_epi32(base, _mm256_set1_epi32(8));
            // SAFETY: eight bounds are written after at most eight for each byte before, of 64.
            unsafe { _mm256_storeu_si256(out.as_mut_ptr().add(written).cast(), bounds) };
            written += byte.count_ones() as usize;
        }
    });
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
        [
            is(b'\n'),
            _mm256_or_si256(is(b'/'), is(b':')),
            is(b'('),
            is(b'.'),
            in_range(b, b'A', 25),
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

fn shingles(words: &[u64], n: usize, out: &mut Vec<u64>) {
    // SAFETY: `available` lists this kernel only where the machine has these features.
    match n {
        3 => unsafe { windows::<3>(words, out) },
        5 => unsafe { windows::<5>(words, out) },
        _ => shingle::collect_rolling(words, n, out),
    }
}

/// Four shingles at a time: of two words, of these those of four, and the last word to them. What is left at the end is rolled.
#[target_feature(enable = "avx2")]
fn windows<const N: usize>(words: &[u64], out: &mut Vec<u64>) {
    const { assert!(N == 3 || N == 5) };
    let [square, base, _] = shingle::powers::<3>();
    let (square, base) = (Factor::new(square), Factor::new(base));
    let pairs = |words: &[u64]| _mm256_add_epi64(base.times(load(words)), load(&words[1..]));
    let count = (words.len() + 1).saturating_sub(N);
    out.reserve(count);
    let spare = out.spare_capacity_mut();
    let mut made = 0;
    if words.len() > 2 * LANES {
        let mut here = pairs(words);
        while let Some(window) = words[made..].first_chunk::<{ 2 * LANES + 1 }>() {
            let next = pairs(&window[LANES..]);
            let but_last = if N == 3 {
                here
            } else {
                let two_on = _mm256_permute2x128_si256::<0x21>(here, next);
                _mm256_add_epi64(square.times(here), two_on)
            };
            let raw = _mm256_add_epi64(base.times(but_last), load(&window[N - 1..]));
            store(finalise(raw), &mut spare[made..]);
            made += LANES;
            here = next;
        }
    }
    // SAFETY: so many were written.
    unsafe { out.set_len(out.len() + made) };
    shingle::collect_rolling(&words[made..], N, out);
}

/// What numbers are multiplied by, modulo 2⁶⁴; and that with its halves exchanged.
#[derive(Clone, Copy)]
struct Factor {
    whole: __m256i,
    exchanged: __m256i,
}

impl Factor {
    #[target_feature(enable = "avx2")]
    fn new(by: u64) -> Self {
        Self {
            whole: _mm256_set1_epi64x(by as i64),
            exchanged: _mm256_set1_epi64x(by.rotate_left(32) as i64),
        }
    }

    /// low·low + (low·high + high·low)·2³²: what is added is the lower half of each product, which one instruction makes.
    #[target_feature(enable = "avx2")]
    fn times(self, numbers: __m256i) -> __m256i {
        let crossed = _mm256_mullo_epi32(numbers, self.exchanged);
        let sum = _mm256_add_epi32(crossed, _mm256_slli_epi64::<32>(crossed));
        let upper = _mm256_blend_epi32::<0b1010_1010>(_mm256_setzero_si256(), sum);
        _mm256_add_epi64(_mm256_mul_epu32(numbers, self.whole), upper)
    }
}

/// [`shingle::finalise`].
#[target_feature(enable = "avx2")]
fn finalise(x: __m256i) -> __m256i {
    let [first, second] = shingle::FINALISERS;
    let x = Factor::new(first).times(_mm256_xor_si256(x, _mm256_srli_epi64::<30>(x)));
    let x = Factor::new(second).times(_mm256_xor_si256(x, _mm256_srli_epi64::<27>(x)));
    _mm256_xor_si256(x, _mm256_srli_epi64::<31>(x))
}

/// For each choice of four numbers, where their halves come from when they are pressed together.
static PRESSED: [[u32; 2 * LANES]; 1 << LANES] = {
    let mut pressed = [[0; 2 * LANES]; 1 << LANES];
    let mut chosen = 0;
    while chosen < pressed.len() {
        let (mut from, mut to) = (0, 0);
        while from < LANES {
            if chosen >> from & 1 == 1 {
                pressed[chosen][2 * to] = 2 * from as u32;
                pressed[chosen][2 * to + 1] = 2 * from as u32 + 1;
                to += 1;
            }
            from += 1;
        }
        chosen += 1;
    }
    pressed
};

/// The numbers whose bit is set in `chosen`, pressed together; what follows them means nothing.
#[target_feature(enable = "avx2")]
fn press(numbers: __m256i, chosen: u32) -> __m256i {
    let places = &PRESSED[chosen as usize % PRESSED.len()];
    // SAFETY: 32 bytes that live as long as the program.
    let places = unsafe { _mm256_loadu_si256(places.as_ptr().cast()) };
    _mm256_permutevar8x32_epi32(numbers, places)
}

/// The highest bit of each number.
#[target_feature(enable = "avx2")]
fn highest(numbers: __m256i) -> u32 {
    _mm256_movemask_pd(_mm256_castsi256_pd(numbers)) as u32
}

fn falling(hashes: &[u64], salt: u64, bins: Bins<'_>, out: &mut Vec<u64>) {
    match wanted(bins) {
        // SAFETY: `available` lists this kernel only where the machine has these features.
        Some(wanted) => unsafe { falling_fours(hashes, salt, bins, &wanted, out) },
        None => scalar::falling(hashes, salt, bins, out),
    }
}

/// Four hashes at a time; those that are not wanted are pressed out.
#[target_feature(enable = "avx2,popcnt")]
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
        // Words of 32 bits: the lower half of each number gets the one that it looks at, whose bit is shifted to the top.
        let word = _mm256_permutevar8x32_epi32(wanted, _mm256_srli_epi64::<5>(bin));
        let place = _mm256_and_si256(bin, _mm256_set1_epi64x(31));
        let to_top = _mm256_sub_epi64(_mm256_set1_epi64x(63), place);
        let falls = highest(_mm256_sllv_epi64(word, to_top));
        store(press(anew, falls), &mut spare[kept..]);
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

/// Four windows at a time: the least of two, of these that of four, and of six; those that are the same as the one before are pressed out.
#[target_feature(enable = "avx2,popcnt")]
fn leasts_fours(hashes: &[u64], out: &mut Vec<u64>) {
    /// A window from each of four places.
    const WINDOWS: usize = NEIGHBOURS + LANES - 1;
    const { assert!(NEIGHBOURS == 6) };
    // Numbers are compared as if they had a sign: with the highest bit turned over they are in order.
    let sign = _mm256_set1_epi64x(i64::MIN);
    let signed = |hashes: &[u64]| _mm256_xor_si256(load(hashes), sign);
    let lesser = |a, b| _mm256_blendv_epi8(a, b, _mm256_cmpgt_epi64(a, b));
    let pairs = |hashes: &[u64]| lesser(signed(hashes), signed(&hashes[1..]));
    let start = out.len();
    let fours = hashes.len().saturating_sub(NEIGHBOURS - 1) / LANES;
    // Four are written however many are kept.
    out.reserve((fours + 1) * LANES);
    let spare = out.spare_capacity_mut();
    let mut kept = 0;
    let mut done = 0;
    if fours > 0 {
        let mut here = pairs(hashes);
        // Of the four windows before, of which the last counts.
        let mut before = _mm256_setzero_si256();
        let mut is_first = 1;
        while let Some(window) = hashes[done..].first_chunk::<WINDOWS>() {
            let next = pairs(&window[LANES..]);
            let two_on = _mm256_permute2x128_si256::<0x21>(here, next);
            let least = lesser(lesser(here, two_on), next);
            let joined = _mm256_permute2x128_si256::<0x21>(before, least);
            let one_before = _mm256_alignr_epi8::<8>(least, joined);
            let new = highest(_mm256_cmpeq_epi64(least, one_before)) ^ 0b1111 | is_first;
            store(
                press(_mm256_xor_si256(least, sign), new),
                &mut spare[kept..],
            );
            kept += new.count_ones() as usize;
            (here, before, is_first) = (next, least, 0);
            done += LANES;
        }
    }
    // SAFETY: so many were written.
    unsafe { out.set_len(start + kept) };
    last_leasts(&hashes[done..], start, out);
}
