//! XML as a tree of elements.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

/// An element.
#[derive(Clone, Debug)]
pub struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    children: Vec<Element>,
    text: Option<String>,
}

impl Element {
    /// An empty element.
    pub fn new(name: &'static str) -> Self {
        Self { name, attributes: vec![], children: vec![], text: None }
    }

    /// An element with nothing but text.
    pub fn of_text(name: &'static str, text: &str) -> Self {
        Self { text: Some(legal(text)), ..Self::new(name) }
    }

    /// The same with one more attribute.
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.attributes.push((name, legal(&value.to_string())));
        self
    }

    /// The same with more children.
    pub fn holding(mut self, children: impl IntoIterator<Item = Element>) -> Self {
        self.children.extend(children);
        self
    }

    /// The element as a document in UTF-8.
    ///
    /// # Errors
    /// None that memory does not give.
    pub fn document(&self) -> io::Result<Vec<u8>> {
        let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        self.write(&mut writer)?;
        let mut bytes = writer.into_inner();
        bytes.push(b'\n');
        Ok(bytes)
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
        let attributes = self.attributes.iter().map(|(name, value)| (*name, value.as_str()));
        let element = writer.create_element(self.name).with_attributes(attributes);
        match &self.text {
            Some(text) => element.write_text_content(BytesText::new(text)).map(drop),
            None if self.children.is_empty() => element.write_empty().map(drop),
            None => element
                .write_inner_content(|writer| self.children.iter().try_for_each(|child| child.write(writer)))
                .map(drop),
        }
    }
}

/// Text that XML can hold: control characters, which it cannot even escape, become spaces and �.
fn legal(text: &str) -> String {
    let legal = |c| match c {
        '\n' | '\r' | '\t' => ' ',
        c if char::is_control(c) || matches!(c, '\u{fffe}' | '\u{ffff}') => '\u{fffd}',
        c => c,
    };
    text.chars().map(legal).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_comes_back_as_far_as_xml_can_hold_it() {
        let name = "<a> & \"b\" 'c' 👩‍🎤 ]]> ü";
        let tree = Element::new("Track").with("name", name).holding([
            Element::of_text("Title", name),
            Element::new("Empty").with("value", 0.25).with("bell", "a\u{7}b\nc"),
        ]);
        let text = String::from_utf8(tree.document().unwrap()).unwrap();
        let document = roxmltree::Document::parse(&text).unwrap();
        let root = document.root_element();
        assert_eq!(root.attribute("name"), Some(name));
        let children: Vec<_> = root.children().filter(|n| n.is_element()).collect();
        assert_eq!(children[0].text(), Some(name));
        assert_eq!(children[1].attribute("value"), Some("0.25"));
        assert_eq!(children[1].attribute("bell"), Some("a\u{fffd}b c"));
    }
}
