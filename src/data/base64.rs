//! Bytes as text (RFC 4648, with padding).

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// `bytes` in base64.
pub fn to_base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let [a, b, c] = [0, 1, 2].map(|i| u32::from(chunk.get(i).copied().unwrap_or(0)));
        let word = (a << 16) | (b << 8) | c;
        for i in 0..4_usize {
            let index = ((word >> (18 - 6 * i)) & 63) as usize;
            out.push(if i <= chunk.len() {
                char::from(ALPHABET[index])
            } else {
                '='
            });
        }
    }
    out
}

/// The bytes that `text` stands for; `None` if it is not what [`to_base64`] makes of any.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| -> Option<u32> {
        Some(match byte {
            b'A'..=b'Z' => u32::from(byte - b'A'),
            b'a'..=b'z' => u32::from(byte - b'a') + 26,
            b'0'..=b'9' => u32::from(byte - b'0') + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        })
    };
    let (groups, rest) = text.as_bytes().as_chunks::<4>();
    let mut out = Vec::with_capacity(groups.len() * 3);
    for (idx, group) in groups.iter().enumerate() {
        let is_last = idx + 1 == groups.len();
        let n_digits = 4 - group.iter().rev().take_while(|byte| **byte == b'=').count();
        if n_digits < if is_last { 2 } else { 4 } {
            return None;
        }
        let mut word = 0;
        for byte in &group[..n_digits] {
            word = (word << 6) | digit(*byte)?;
        }
        let [_, bytes @ ..] = (word << (6 * (4 - n_digits))).to_be_bytes();
        if bytes[n_digits - 1..].iter().any(|byte| *byte != 0) {
            return None;
        }
        out.extend(&bytes[..n_digits - 1]);
    }
    rest.is_empty().then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test vectors of RFC 4648.
    const VECTORS: [(&str, &str); 7] = [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ];

    #[test]
    fn it_is_that_of_rfc_4648_there_and_back() {
        for (plain, coded) in VECTORS {
            assert_eq!(to_base64(plain.as_bytes()), coded);
            assert_eq!(from_base64(coded).as_deref(), Some(plain.as_bytes()));
        }
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(from_base64(&to_base64(&all)), Some(all));
    }

    #[test]
    fn what_no_bytes_make_is_refused() {
        for text in [
            "Z", "Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Zh==", "Zm9=", "Zm 9", "Zmü=",
        ] {
            assert_eq!(from_base64(text), None, "{text}");
        }
    }
}
