//! Names made safe for the formats they are put into.

/// Text for HTML and XML, in elements and in quoted attributes. Control characters, which XML cannot hold, become �.
pub fn markup(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\r' | '\t' => safe.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}

/// Text for a line or a table cell of Markdown.
pub fn markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '&' => safe.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '$' => {
                safe.push('\\');
                safe.push(c);
            }
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

/// Text for a field of CSV (RFC 4180).
pub fn csv(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.into()
    }
}

/// The start of `text` that fits `columns`, with … where something is cut. Characters beyond the Latin, Greek and
/// Cyrillic scripts count as two columns.
pub fn truncated(text: &str, columns: usize) -> String {
    let width = |c: char| if (c as u32) < 0x1100 { 1 } else { 2 };
    if text.chars().map(width).sum::<usize>() <= columns {
        return text.to_string();
    }
    let mut used = 1;
    let kept: String = text
        .chars()
        .take_while(|&c| {
            used += width(c);
            used <= columns
        })
        .collect();
    // A joiner or variation selector at the cut would change what follows.
    let kept = kept.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200d}' | '\u{fe0f}'));
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_leaves_no_character_that_could_open_or_close_anything() {
        let safe = markup("<b>\"R&B\" 'n\u{1}\nx");
        assert_eq!(safe, "&lt;b&gt;&quot;R&amp;B&quot; &#39;n\u{fffd} x");
    }

    #[test]
    fn a_pipe_in_a_name_does_not_end_a_table_cell() {
        assert_eq!(markdown("kick|in_*1*\n"), "kick\\|in\\_\\*1\\* ");
    }

    #[test]
    fn a_long_name_is_cut_to_its_columns() {
        assert_eq!(truncated("snare", 5), "snare");
        assert_eq!(truncated("snare top", 6), "snare…");
        assert_eq!(truncated("ボーカルダブル", 6), "ボー…");
        assert_eq!(truncated("👩‍🎤👩‍🎤👩‍🎤", 6), "👩…");
        assert!(truncated(&"x".repeat(200), 24).chars().count() <= 24);
    }
}
