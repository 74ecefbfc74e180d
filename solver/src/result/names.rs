//! Names of files and folders, made of the names of songs and strips.

/// Bytes of a name, at most.
const LONGEST: usize = 80;

/// Names that Windows keeps for devices, with any ending.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// `01 kick`, `02 snare`, …: a name for each, in order, that no other has on any file system.
pub fn numbered<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> Vec<String> {
    let digits = names.len().to_string().len().max(2);
    names.enumerate().map(|(i, name)| format!("{:0digits$} {}", i + 1, clean(name))).collect()
}

/// The name as every file system takes it, at most 80 bytes of it: without separators, quotes and invisible characters,
/// no hidden file and no device.
pub fn clean(name: &str) -> String {
    let plain: String = name.chars().filter_map(shown).collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let joined = words.join(" ");
    let cut = cut(joined.trim_start_matches(['.', ' ']));
    // Windows drops dots and spaces at the end. A joiner or variation selector at the cut would change what follows.
    let cut = cut.trim_end_matches(['.', ' ', '\u{200d}', '\u{fe0f}']);
    match cut {
        "" => "unnamed".into(),
        device if is_device(device) => format!("_{device}"),
        name => name.into(),
    }
}

/// The name as it can be typed without quotes: of [`clean`], letters, digits, `-` and `_`; what else there was is `_`.
pub fn plain(name: &str) -> String {
    clean(name).chars().map(|c| if c.is_alphanumeric() || "-_".contains(c) { c } else { '_' }).collect()
}

/// A character as a name may hold it, if at all.
fn shown(c: char) -> Option<char> {
    match c {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => Some('_'),
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
        c if c.is_control() => Some(' '),
        c => Some(c),
    }
}

fn cut(name: &str) -> &str {
    let end = (0..=LONGEST.min(name.len())).rev().find(|&at| name.is_char_boundary(at));
    &name[..end.unwrap_or(0)]
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_lowercase();
    let mut chars = stem.chars();
    let numbered = matches!(chars.by_ref().take(3).collect::<String>().as_str(), "com" | "lpt")
        && matches!(chars.next(), Some('0'..='9' | '¹' | '²' | '³'))
        && chars.next().is_none();
    numbered || DEVICES.contains(&stem.as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_plain_name_stays_as_it_is() {
        for name in ["kick", "Lead 👩‍🎤 vocal", "Bässe (DI)", "ドラム", "it's", "a.b"] {
            assert_eq!(clean(name), name);
        }
    }

    #[test]
    fn separators_quotes_and_what_cannot_be_seen_do_not_get_into_a_name() {
        let cases = [
            ("OH L/R", "OH L_R"),
            ("a\\b:c*d?e\"f<g>h|i", "a_b_c_d_e_f_g_h_i"),
            ("../../etc/passwd", "_.._etc_passwd"),
            (".hidden", "hidden"),
            ("dots...", "dots"),
            (" two\n\tlines ", "two lines"),
            ("\u{202e}gpj", "gpj"),
            ("", "unnamed"),
            ("...", "unnamed"),
            ("\0", "unnamed"),
        ];
        for (name, wanted) in cases {
            assert_eq!(clean(name), wanted, "{name:?}");
        }
    }

    #[test]
    fn no_name_is_a_device_of_windows() {
        for name in ["CON", "nul", "Com1", "LPT9.wav", "aux.", "COM²"] {
            assert!(clean(name).starts_with('_'), "{name}");
        }
        for name in ["Console", "com", "com10", "nullify"] {
            assert_eq!(clean(name), name);
        }
        assert_eq!(["con", "Com1", "aux.b c"].map(plain), ["_con", "_Com1", "_aux_b_c"]);
    }

    #[test]
    fn two_hundred_characters_are_cut_between_characters() {
        assert_eq!(clean(&"x".repeat(200)).len(), LONGEST);
        let emoji = clean(&"👩‍🎤".repeat(60));
        assert!(emoji.len() <= LONGEST && emoji.ends_with(['👩', '🎤']), "{emoji}");
    }

    #[test]
    fn names_that_are_alike_after_cleaning_differ_by_number() {
        assert_eq!(numbered(["a/b", "a:b", "A_b"].into_iter()), ["01 a_b", "02 a_b", "03 A_b"]);
        let many = vec!["x"; 130];
        assert_eq!(numbered(many.into_iter())[129], "130 x");
    }

    proptest! {
        #[test]
        fn every_name_becomes_one_that_cleaning_leaves_alone(name in ".*") {
            let once = clean(&name);
            prop_assert_eq!(clean(&once), once.clone());
            prop_assert!(!once.is_empty() && once.len() <= LONGEST + 1);
            prop_assert!(!once.contains(['/', '\\', '\0', '\n']));
        }
    }
}
