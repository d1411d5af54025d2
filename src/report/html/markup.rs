/*!
HTML put together from parts whose text is escaped, so that nothing from a story can become markup.
*/

use super::super::escape;

/// HTML that is being written.
#[derive(Debug, Default)]
pub struct Markup(String);

impl Markup {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds markup of this program. Never text from a story: `&'static` keeps that out.
    pub fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Adds a source of a Content-Security-Policy, whose quotes must stand as they are.
    pub(super) fn raw_policy(&mut self, source: &str) -> &mut Self {
        let known = |b: u8| b.is_ascii_alphanumeric() || b"'-+/=".contains(&b);
        self.0
            .extend(source.chars().filter(|c| c.is_ascii() && known(*c as u8)));
        self
    }

    /// Adds text, for between tags and for between the double quotes of an attribute.
    pub fn text(&mut self, text: &str) -> &mut Self {
        // Controls and what turns a line around are written out first, as in every other output.
        for c in escape(text).chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                '`' => self.0.push_str("&#96;"),
                c => self.0.push(c),
            }
        }
        self
    }

    /// Adds a number.
    pub fn number(&mut self, n: impl std::fmt::Display) -> &mut Self {
        self.text(&n.to_string())
    }

    /// Adds markup that was made by the same rules.
    pub fn markup(&mut self, other: &Markup) -> &mut Self {
        self.0.push_str(&other.0);
        self
    }

    /// What was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        let mut m = Markup::new();
        m.raw("<p title=\"")
            .text("\"><script>'x'`&\u{202e}\u{1b}\n")
            .raw("\">");
        assert_eq!(
            m.as_str(),
            "<p title=\"&quot;&gt;&lt;script&gt;&#39;x&#39;&#96;&amp;\\u{202e}\\u{1b}\\n\">"
        );
    }
}
