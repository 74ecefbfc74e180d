//! Rust source as far as imports go: its tokens without comments, texts and tests, and the paths among them.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

/// What a file says of other modules.
#[derive(Debug, Default)]
pub struct Source {
    /// Modules declared here that are not for tests alone.
    pub children: Vec<String>,
    /// Names that a `use` brings into scope, and the paths that they stand for; `*` is not one of them.
    pub names: BTreeMap<String, Vec<String>>,
    /// Paths that are used: those of each `use`, and those that stand in the code.
    pub paths: Vec<Vec<String>>,
    /// Texts in double quotes.
    pub texts: Vec<String>,
}

impl Source {
    /// Reads the text of a file.
    pub fn read(text: &str) -> Self {
        let tokens = without_tests(tokens(text));
        let mut source = Self::default();
        let mut at = 0;
        while at < tokens.len() {
            match tokens[at].as_str() {
                "mod" => {
                    source.children.extend(tokens.get(at + 1).cloned());
                    at += 2;
                }
                "use" => {
                    let end = at + tokens[at..].iter().position(|token| token == ";").unwrap_or(0);
                    for (path, name) in unfold(&tokens[at + 1..end]) {
                        source.paths.push(path.clone());
                        source.names.insert(name, path);
                    }
                    at = end + 1;
                }
                text if text.starts_with('"') => {
                    source.texts.push(text[1..].to_owned());
                    at += 1;
                }
                _ => {
                    let path = path(&tokens[at..]);
                    at += (2 * path.len()).saturating_sub(1).max(1);
                    if path.len() > 1 {
                        source.paths.push(path);
                    }
                }
            }
        }
        source
    }
}

/// The path that tokens begin with: `a :: b :: c`.
fn path(tokens: &[String]) -> Vec<String> {
    let mut path = vec![];
    for pair in tokens.chunks(2) {
        if !is_word(&pair[0]) {
            break;
        }
        path.push(pair[0].clone());
        if pair.get(1).is_none_or(|joint| joint != "::") {
            break;
        }
    }
    path
}

/// The paths of a `use`, groups unfolded, each with the name that it gets here.
fn unfold(tokens: &[String]) -> Vec<(Vec<String>, String)> {
    let Some(brace) = tokens.iter().position(|token| token == "{") else {
        let mut path: Vec<String> = tokens.iter().filter(|token| *token != "::").cloned().collect();
        let alias = path.iter().position(|word| word == "as").map(|at| path.split_off(at)[1].clone());
        path.pop_if(|last| last == "self");
        let name = alias.or_else(|| path.last().cloned()).unwrap_or_default();
        return vec![(path, name)];
    };
    let prefix: Vec<String> = tokens[..brace].iter().filter(|token| *token != "::").cloned().collect();
    let (mut parts, mut depth) = (vec![vec![]], 0);
    for token in &tokens[brace + 1..tokens.len() - 1] {
        match token.as_str() {
            "," if depth == 0 => {
                parts.push(vec![]);
                continue;
            }
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        parts.last_mut().expect("there is one").push(token.clone());
    }
    let inner = parts.into_iter().filter(|part| !part.is_empty()).flat_map(|part| unfold(&part));
    inner
        .map(|(rest, name)| {
            let path: Vec<String> = prefix.iter().cloned().chain(rest).collect();
            let name = if name.is_empty() { path.last().cloned().unwrap_or_default() } else { name };
            (path, name)
        })
        .collect()
}

/// The tokens without the items that are compiled for tests alone.
fn without_tests(tokens: Vec<String>) -> Vec<String> {
    const TEST: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = vec![];
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at..].iter().take(TEST.len()).eq(TEST.iter()) {
            at = item_end(&tokens, at + TEST.len());
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

/// One past the item that begins at a token: behind its block or its semicolon.
fn item_end(tokens: &[String], from: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(from) {
        match token.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            _ => {}
        }
        let is_end = token == ";" || token == "}" && tokens[from] != "use";
        if depth == 0 && is_end {
            return at + 1;
        }
    }
    tokens.len()
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Words, `::`, single signs, and texts, each behind a quote; comments, characters and numbers are left out.
fn tokens(source: &str) -> Vec<String> {
    let mut tokens = vec![];
    let mut rest = source.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '/' if rest.peek() == Some(&'/') => while rest.next_if(|&c| c != '\n').is_some() {},
            '/' if rest.peek() == Some(&'*') => skip_comment(&mut rest),
            '"' => tokens.push(text(&mut rest)),
            '\'' => skip_character(&mut rest),
            ':' if rest.next_if_eq(&':').is_some() => tokens.push("::".into()),
            c if c.is_alphabetic() || c == '_' => {
                let mut word = String::from(c);
                while let Some(c) = rest.next_if(|c| c.is_alphanumeric() || *c == '_') {
                    word.push(c);
                }
                match (word.as_str(), rest.peek()) {
                    ("r" | "br", Some('"' | '#')) => tokens.push(raw_text(&mut rest)),
                    _ => tokens.push(word),
                }
            }
            c if c.is_ascii_digit() => while rest.next_if(|c| c.is_alphanumeric() || *c == '_').is_some() {},
            c if c.is_whitespace() => {}
            c => tokens.push(c.into()),
        }
    }
    tokens
}

fn skip_comment(rest: &mut Peekable<Chars>) {
    let (mut depth, mut last) = (0, ' ');
    rest.next();
    for c in rest.by_ref() {
        match (last, c) {
            ('/', '*') => depth += 1,
            ('*', '/') if depth == 0 => return,
            ('*', '/') => depth -= 1,
            _ => {
                last = c;
                continue;
            }
        }
        last = ' ';
    }
}

/// A text without its closing quote, from behind its opening one.
fn text(rest: &mut Peekable<Chars>) -> String {
    let mut text = String::from('"');
    while let Some(c) = rest.next().filter(|&c| c != '"') {
        text.push(c);
        text.extend(rest.next_if(|_| c == '\\'));
    }
    text
}

/// `r"…"` or `r#"…"#`, from behind its `r`.
fn raw_text(rest: &mut Peekable<Chars>) -> String {
    let mut end = String::from('"');
    while rest.next_if_eq(&'#').is_some() {
        end.push('#');
    }
    rest.next();
    let mut text = String::from('"');
    for c in rest.by_ref() {
        text.push(c);
        if text.len() > end.len() && text.ends_with(&end) {
            text.truncate(text.len() - end.len());
            break;
        }
    }
    text
}

/// A character, or the mark of a lifetime.
fn skip_character(rest: &mut Peekable<Chars>) {
    let mut ahead = rest.clone();
    let is_lifetime = ahead.next().is_some_and(|c| c != '\\') && ahead.next() != Some('\'');
    if is_lifetime {
        return;
    }
    while let Some(c) = rest.next() {
        match c {
            '\\' => drop(rest.next()),
            '\'' => return,
            _ => {}
        }
    }
}
