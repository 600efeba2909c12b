//! Bytes of samples to numbers from -1 to 1.

use super::format::Encoding;

/// Where the bits of a padded sample are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// At the upper end, as the format wants: the sample is one of 32 bits.
    Upper,
    /// At the lower end, as some programs write.
    Lower,
}

/// Tells the side from samples of 4 bytes; `None` when all are zero.
///
/// At the upper end the unused low bits are zero. At the lower end what is above repeats the sign, or is zero.
pub fn side(bytes: &[u8], valid: u32, big_endian: bool) -> Option<Side> {
    let mut all = 0_u32;
    let mut signed = true;
    let unused = 32 - valid;
    for chunk in bytes.as_chunks::<4>().0 {
        let word = if big_endian { u32::from_be_bytes(*chunk) } else { u32::from_le_bytes(*chunk) };
        all |= word;
        let top = word >> valid;
        signed &= top == 0 || top == u32::MAX >> valid;
    }
    match all {
        0 => None,
        all if all & ((1 << unused) - 1) == 0 => Some(Side::Upper),
        _ if signed => Some(Side::Lower),
        _ => Some(Side::Upper),
    }
}

/// Appends the samples of `bytes`, which are whole ones.
pub fn decode(bytes: &[u8], encoding: Encoding, side: Side, big_endian: bool, out: &mut Vec<f32>) {
    let whole = |bytes: &[u8]| {
        // The bytes at the upper end of a word, so that every width has one scale.
        let mut word = [0_u8; 4];
        for (index, &byte) in bytes.iter().enumerate() {
            let place = if big_endian { 3 - index } else { 4 - bytes.len() + index };
            word[place] = byte;
        }
        i32::from_le_bytes(word)
    };
    let scale = |value: i32| (f64::from(value) / 2_147_483_648.0) as f32;
    match encoding {
        Encoding::Unsigned8 => out.extend(bytes.iter().map(|&byte| (f32::from(byte) - 128.0) / 128.0)),
        Encoding::Signed(size) => out.extend(bytes.chunks_exact(size).map(|bytes| scale(whole(bytes)))),
        Encoding::Padded(valid) => {
            let shift = if side == Side::Lower { 32 - valid } else { 0 };
            out.extend(bytes.chunks_exact(4).map(|bytes| scale(whole(bytes).wrapping_shl(shift))));
        }
        Encoding::Float32 => {
            out.extend(
                bytes.as_chunks::<4>().0.iter().map(|&bytes| {
                    if big_endian { f32::from_be_bytes(bytes) } else { f32::from_le_bytes(bytes) }
                }),
            )
        }
        Encoding::Float64 => out.extend(bytes.as_chunks::<8>().0.iter().map(|&bytes| {
            (if big_endian { f64::from_be_bytes(bytes) } else { f64::from_le_bytes(bytes) }) as f32
        })),
        Encoding::ALaw => out.extend(bytes.iter().map(|&byte| a_law(byte))),
        Encoding::MuLaw => out.extend(bytes.iter().map(|&byte| mu_law(byte))),
        Encoding::Codec(_) => {}
    }
}

/// ITU-T G.711, A-law: 13 bits.
fn a_law(byte: u8) -> f32 {
    let byte = byte ^ 0x55;
    let (exponent, mantissa) = (i32::from(byte >> 4 & 7), i32::from(byte & 15));
    let size = match exponent {
        0 => mantissa * 16 + 8,
        exponent => (mantissa * 16 + 264) << (exponent - 1),
    };
    (if byte & 0x80 != 0 { size } else { -size }) as f32 / 32_768.0
}

/// ITU-T G.711, mu-law: 14 bits.
fn mu_law(byte: u8) -> f32 {
    let byte = !byte;
    let (exponent, mantissa) = (i32::from(byte >> 4 & 7), i32::from(byte & 15));
    let size = ((mantissa * 8 + 132) << exponent) - 132;
    (if byte & 0x80 != 0 { -size } else { size }) as f32 / 32_768.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(bytes: &[u8], encoding: Encoding, side: Side) -> f32 {
        let mut out = Vec::new();
        decode(bytes, encoding, side, false, &mut out);
        assert_eq!(out.len(), 1);
        out[0]
    }

    #[test]
    fn every_width_has_the_same_scale() {
        let half = 0x4000_0000_i32.to_le_bytes();
        assert_eq!(one(&half, Encoding::Signed(4), Side::Upper), 0.5);
        assert_eq!(one(&half[1..], Encoding::Signed(3), Side::Upper), 0.5);
        assert_eq!(one(&half[2..], Encoding::Signed(2), Side::Upper), 0.5);
        assert_eq!(one(&[192], Encoding::Unsigned8, Side::Upper), 0.5);
        assert_eq!(one(&0.5_f64.to_le_bytes(), Encoding::Float64, Side::Upper), 0.5);
        let mut out = Vec::new();
        decode(&[0x40, 0, 0xc0, 0], Encoding::Signed(2), Side::Upper, true, &mut out);
        assert_eq!(out, [0.5, -0.5]);
    }

    #[test]
    fn the_side_of_padded_samples_is_told_from_them() {
        let upper = (-0x12_3456_i32 << 8).to_le_bytes();
        let lower = (-0x12_3456_i32).to_le_bytes();
        assert_eq!(side(&upper, 24, false), Some(Side::Upper));
        assert_eq!(side(&lower, 24, false), Some(Side::Lower));
        assert_eq!(side(&[0xa0, 0xff, 0xff, 0x00], 24, false), Some(Side::Lower));
        assert_eq!(side(&[0; 8], 24, false), None);
        let (upper, lower) =
            (one(&upper, Encoding::Padded(24), Side::Upper), one(&lower, Encoding::Padded(24), Side::Lower));
        assert_eq!(upper, lower);
    }

    #[test]
    fn telephone_codes_have_their_known_ends() {
        // Largest values of G.711: 4032 of 4096 and 8031 of 8192.
        assert!((a_law(0xaa) - 4032.0 / 4096.0).abs() < 1e-6);
        assert!((mu_law(0x80) - 8031.0 / 8192.0).abs() < 1e-6);
        assert_eq!(mu_law(0xff), 0.0);
        assert!(mu_law(0x00) < -0.98 && a_law(0x2a) < -0.98);
    }
}
