//! How the program's JSON is laid out: as everybody's, but for lists of numbers, which take one line.

use std::io::{self, Write};

use serde_json::ser::{CompactFormatter, Formatter};

/// What an array or object that is being written holds so far.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Nothing,
    /// Numbers and the like, side by side.
    Figures,
    /// Things on lines of their own.
    Lines,
}

/// Two spaces a level; an element of an array that is no text, array or object stands beside the one before it.
#[derive(Default)]
pub struct Layout {
    open: Vec<Holds>,
    /// True where the next value is an element of an array, whose separator is still to be written.
    is_element: bool,
}

impl Layout {
    fn line(&self, to: &mut (impl ?Sized + Write)) -> io::Result<()> {
        to.write_all(b"\n")?;
        self.open.iter().try_for_each(|_| to.write_all(b"  "))
    }

    /// Writes what separates an element from the one before it.
    fn separate(&mut self, to: &mut (impl ?Sized + Write), holds: Holds) -> io::Result<()> {
        if !std::mem::take(&mut self.is_element) {
            return Ok(());
        }
        let before = self.open.last_mut().map_or(Holds::Nothing, |last| std::mem::replace(last, holds));
        match (before, holds) {
            (Holds::Nothing, Holds::Figures) => Ok(()),
            (Holds::Nothing, _) => self.line(to),
            (_, Holds::Figures) => to.write_all(b", "),
            _ => to.write_all(b",").and_then(|()| self.line(to)),
        }
    }

    fn end(&mut self, to: &mut (impl ?Sized + Write), bracket: &[u8]) -> io::Result<()> {
        if self.open.pop() == Some(Holds::Lines) {
            self.line(to)?;
        }
        to.write_all(bracket)
    }
}

/// Methods that write a figure: as everybody's, behind its separator.
macro_rules! figures {
    ($($write:ident($figure:ty)),*) => {$(
        fn $write<W: ?Sized + Write>(&mut self, to: &mut W, figure: $figure) -> io::Result<()> {
            self.separate(to, Holds::Figures)?;
            CompactFormatter.$write(to, figure)
        }
    )*};
}

impl Formatter for Layout {
    figures!(
        write_bool(bool),
        write_i8(i8),
        write_i16(i16),
        write_i32(i32),
        write_i64(i64),
        write_u8(u8),
        write_u16(u16),
        write_u32(u32),
        write_u64(u64),
        write_f32(f32),
        write_f64(f64)
    );

    fn write_null<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.separate(to, Holds::Figures)?;
        CompactFormatter.write_null(to)
    }

    fn begin_string<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.separate(to, Holds::Lines)?;
        to.write_all(b"\"")
    }

    fn begin_array<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.separate(to, Holds::Lines)?;
        self.open.push(Holds::Nothing);
        to.write_all(b"[")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, _: &mut W, _: bool) -> io::Result<()> {
        self.is_element = true;
        Ok(())
    }

    fn end_array<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.end(to, b"]")
    }

    fn begin_object<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.separate(to, Holds::Lines)?;
        self.open.push(Holds::Nothing);
        to.write_all(b"{")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, to: &mut W, _: bool) -> io::Result<()> {
        self.is_element = true;
        self.separate(to, Holds::Lines)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        to.write_all(b": ")
    }

    fn end_object<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.end(to, b"}")
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;
    use serde_json::{Value, json};

    use super::*;

    fn written(value: &Value) -> String {
        let mut text = Vec::new();
        let mut to = serde_json::Serializer::with_formatter(&mut text, Layout::default());
        value.serialize(&mut to).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn lists_of_numbers_take_one_line_and_all_else_has_a_line_of_its_own() {
        let value = json!({
            "a[ 1 ,2]\"[": [1, 2.5, -3],
            "edges": [[0, 1], [1, 2]],
            "names": ["[1, 2]", "x"],
            "none": [],
            "of": {"one": {}, "yes": true},
        });
        let wanted = r#"{
  "a[ 1 ,2]\"[": [1, 2.5, -3],
  "edges": [
    [0, 1],
    [1, 2]
  ],
  "names": [
    "[1, 2]",
    "x"
  ],
  "none": [],
  "of": {
    "one": {},
    "yes": true
  }
}"#;
        assert_eq!(written(&value), wanted);
        assert_eq!(serde_json::from_str::<Value>(wanted).unwrap(), value);
    }

    #[test]
    fn without_lists_of_numbers_it_is_everybody_s_layout() {
        let value = json!([{"a": [{"b": "c"}, {}], "d": [[], ["e"]]}, "f", {"g": null}]);
        assert_eq!(written(&value), serde_json::to_string_pretty(&value).unwrap());
    }
}
