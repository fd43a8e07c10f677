//! Just enough of HTML to read pages by what they say: tags, links, text.

/// A tag with its attributes; a closing one has a slash before its name.
pub(crate) struct Tag<'p> {
    pub(crate) name: &'p str,
    attributes: Vec<(&'p str, String)>,
    /// The text up to the next tag.
    pub(crate) text: String,
}

impl Tag<'_> {
    /// The value of an attribute.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut found = self.attributes.iter().filter(|(given, _)| *given == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// All attributes.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes.iter().map(|(name, value)| (*name, value.as_str()))
    }
}

/// The tags of a page. Pages write `<` only where a tag begins, also inside of attributes.
pub(crate) fn tags(page: &str) -> Vec<Tag<'_>> {
    let pieces = page.split('<').skip(1);
    pieces
        .map(|piece| {
            let (tag, text) = piece.split_once('>').unwrap_or_else(|| panic!("a tag without end: {piece}"));
            let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
            Tag { name, attributes: read_attributes(attributes), text: plain(text) }
        })
        .collect()
}

fn read_attributes(mut text: &str) -> Vec<(&str, String)> {
    let mut attributes = Vec::new();
    while let Some(start) = text.find(|sign: char| !sign.is_whitespace() && sign != '/') {
        text = &text[start..];
        let end = text.find(|sign: char| sign == '=' || sign.is_whitespace()).unwrap_or(text.len());
        let name = &text[..end];
        text = &text[end..];
        let value = match text.strip_prefix("=\"") {
            Some(quoted) => {
                let (value, rest) = quoted.split_once('"').expect("a closing quote");
                text = rest;
                plain(value)
            }
            None => String::new(),
        };
        attributes.push((name, value));
    }
    attributes
}

/// Text with its entities resolved.
fn plain(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// What a reader sees and a screen reader says, spaces collapsed.
pub(crate) fn text(page: &str) -> String {
    let texts: Vec<String> = tags(page).into_iter().map(|tag| tag.text).collect();
    texts.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The links of a page: address and text.
pub(crate) fn links(page: &str) -> Vec<(String, String)> {
    let mut links: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for tag in tags(page) {
        match (tag.name, tag.get("href")) {
            ("a", Some(address)) => {
                inside = true;
                links.push((address.to_owned(), String::new()));
            }
            ("/a", _) => inside = false,
            _ => {}
        }
        if let (true, Some((_, text))) = (inside, links.last_mut()) {
            text.push_str(&tag.text);
        }
    }
    links
}

/// The text of the one link to an address.
pub(crate) fn link_text(page: &str, address: &str) -> String {
    let mut found = links(page).into_iter().filter(|(to, _)| to == address);
    found.next().unwrap_or_else(|| panic!("no link to {address}")).1
}

/// What the parts of a page are called for those who do not see it.
pub(crate) fn labels(page: &str) -> Vec<String> {
    tags(page).iter().filter_map(|tag| tag.get("aria-label")).map(str::to_owned).collect()
}
