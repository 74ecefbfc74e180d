//! The text of Reaper's projects: chunks in angle brackets, one line a setting.

use std::fmt::Write;

/// A word of a line.
#[derive(Clone, Copy, Debug)]
pub enum Word<'a> {
    /// Text in quotes.
    Text(&'a str),
    /// A word that needs no quotes.
    Plain(&'a str),
    /// A number.
    Number(f64),
    /// A whole number.
    Whole(i64),
}

/// A project as it is written.
#[derive(Debug, Default)]
pub struct Project {
    text: String,
    depth: usize,
}

impl Project {
    /// Begins a chunk.
    pub fn open(&mut self, name: &str, words: &[Word]) {
        self.line(&format!("<{name}"), words);
        self.depth += 1;
    }

    /// Ends the chunk that was begun last.
    pub fn close(&mut self) {
        self.depth -= 1;
        self.line(">", &[]);
    }

    /// Adds a setting.
    pub fn line(&mut self, name: &str, words: &[Word]) {
        self.indent();
        self.text.push_str(name);
        for word in words {
            // Writing to a string cannot fail.
            let _ = match word {
                Word::Text(text) => write!(self.text, " {}", quoted(text)),
                Word::Plain(word) => write!(self.text, " {word}"),
                Word::Number(number) => write!(self.text, " {}", rounded(*number)),
                Word::Whole(number) => write!(self.text, " {number}"),
            };
        }
        self.text.push('\n');
    }

    /// Adds lines of notes.
    pub fn notes(&mut self, lines: &[String]) {
        for line in lines {
            self.indent();
            self.text.push('|');
            self.text.push_str(&one_line(line));
            self.text.push('\n');
        }
    }

    /// The text so far.
    pub fn into_text(self) -> String {
        self.text
    }

    fn indent(&mut self) {
        self.text.extend(std::iter::repeat_n("  ", self.depth));
    }
}

/// To nine decimals, which is finer than a sample of a song or a step of a fader, and no −0.
fn rounded(number: f64) -> f64 {
    (number * 1e9).round() / 1e9 + 0.0
}

/// Text in the first quotes that it does not hold itself: `"`, `'` or `` ` ``. Text that holds all loses the last.
fn quoted(text: &str) -> String {
    let text = one_line(text);
    match ['"', '\'', '`'].into_iter().find(|&quote| !text.contains(quote)) {
        Some(quote) => format!("{quote}{text}{quote}"),
        None => format!("`{}`", text.replace('`', "'")),
    }
}

fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stands_in_quotes_that_it_does_not_hold() {
        assert_eq!(quoted("kick in"), "\"kick in\"");
        assert_eq!(quoted("the \"rim\""), "'the \"rim\"'");
        assert_eq!(quoted("\"it's\""), "`\"it's\"`");
        assert_eq!(quoted("`\"it's\"`"), "`'\"it's\"'`");
        assert_eq!(quoted("two\nlines"), "\"two lines\"");
        assert_eq!(quoted(""), "\"\"");
    }

    #[test]
    fn chunks_are_indented_and_numbers_written_in_full() {
        let mut rpp = Project::default();
        rpp.open("A", &[Word::Plain("x")]);
        rpp.line("B", &[Word::Number(1e-7), Word::Number(-1e-12), Word::Whole(-1)]);
        rpp.notes(&["> no end".into()]);
        rpp.close();
        assert_eq!(rpp.into_text(), "<A x\n  B 0.0000001 0 -1\n  |> no end\n>\n");
    }
}
