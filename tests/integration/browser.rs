//! The page of `samewire report` in a real browser: it opens, asks the network for nothing, filters, goes where a reader
//! goes, by keyboard alone too, and runs nothing that a story holds. Without a Chromium on the path the tests say that they are
//! skipped. What was seen is kept under `target/screenshots`.

#[path = "browser/devtools.rs"]
mod devtools;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::corpus::{Corpus, repository, samewire_in};
use devtools::Browser;

/// A browser, or a word on why there is none.
fn browser() -> Option<Browser> {
    let Some(program) = devtools::installed() else {
        println!("skipped: no chromium, chromium-browser or google-chrome on the path");
        return None;
    };
    let started = Browser::start(&program);
    if started.is_none() {
        println!("skipped: {} does not start here", program.display());
    }
    started
}

/// A report over paths, seen from a folder.
fn report(folder: &Path, args: &[&str], place: &Path) -> PathBuf {
    let mut all = vec!["report"];
    all.extend(args);
    all.extend(["-o", place.to_str().unwrap()]);
    let ran = samewire_in(folder, &all, b"");
    assert!(ran.code == 0 || ran.code == 3, "{}", ran.err);
    place.to_owned()
}

const READY: &str = "document.documentElement.dataset.ready === 'true'";

/// Nothing was asked of the network, nothing was refused by the policy, nothing went wrong.
fn assert_quiet(browser: &mut Browser, file: &Path) {
    let page = format!("file://{}", file.display());
    for event in browser.events() {
        let params = &event["params"];
        match event["method"].as_str().unwrap_or_default() {
            "Network.requestWillBeSent" => {
                let url = params["request"]["url"].as_str().unwrap_or_default();
                let own = url.split('#').next() == Some(&page) || url == "about:blank";
                assert!(own, "a request: {url}");
            }
            "Runtime.exceptionThrown" => panic!("{event}"),
            "Audits.issueAdded" => assert_ne!(
                params["issue"]["code"],
                json!("ContentSecurityPolicyIssue"),
                "{event}"
            ),
            "Log.entryAdded" => assert_ne!(params["entry"]["level"], json!("error"), "{event}"),
            "Page.javascriptDialogOpening" => panic!("a script of a story runs: {event}"),
            _ => {}
        }
    }
    let resources = browser.value("performance.getEntriesByType('resource').map((r) => r.name)");
    assert_eq!(resources, json!([]));
}

/// The address behind a line of the overview.
fn find(browser: &mut Browser, what: &str) -> String {
    browser.text(&format!(
        "[...document.querySelectorAll('.finds li')].find((li) => li.querySelector('.what').textContent === '{what}').querySelector('a').getAttribute('href')"
    ))
}

const ROWS: &str = "document.querySelectorAll('.list tbody tr').length";

#[test]
fn a_newcomer_finds_chain_template_and_passage() {
    let Some(mut browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = report(
        repository(),
        &["sample_corpus"],
        &folder.path().join("report.html"),
    );
    browser.look(1280, 1400, false);
    browser.open(&file, "");
    browser.until(READY);
    browser.keep("overview");

    // A version chain: its timeline has a mark for each member, and a mark leads to the texts side by side.
    let chain = find(&mut browser, "Longest version chain");
    browser.value(&format!(
        "document.querySelector('a[href=\"{chain}\"]').click()"
    ));
    browser.until("document.querySelector('svg.timeline')");
    let members = browser.value("document.querySelectorAll('.members tbody tr').length");
    assert_eq!(
        browser.value("document.querySelectorAll('.timeline .mark').length"),
        members
    );
    assert!(
        browser
            .text("document.querySelector('.why').textContent")
            .contains("later version")
    );
    for mark in ["s", "d", "a"] {
        let seen = browser.value(&format!(
            "document.querySelectorAll('.cell .{mark}').length"
        ));
        assert!(seen.as_u64().unwrap() > 0, "nothing is marked as {mark}");
    }
    let first = browser.text("document.querySelector('.texts').textContent");
    browser.value("[...document.querySelectorAll('.timeline .mark.revision')].at(-1).dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }))");
    browser.until("location.hash.split('/').length === 4");
    browser.until("document.activeElement.id === 'pair'");
    assert_ne!(
        browser.text("document.querySelector('.texts').textContent"),
        first
    );
    browser.value("scrollTo(0, 0)");
    browser.keep("version-chain");

    // Back is where the reader came from.
    browser.value("history.back()");
    browser.until("location.hash.split('/').length === 3");
    browser.value("history.back()");
    browser.until("!document.getElementById('overview').hidden");

    for (what, name, holds) in [
        (
            "Largest template set",
            "template",
            ".members .chip.template",
        ),
        ("Widest passage", "passage", ".occurrences li"),
        ("Widest boilerplate", "boilerplate", ".occurrences li"),
    ] {
        let address = find(&mut browser, what);
        browser.value(&format!("location.hash = '{address}'"));
        browser.until(&format!("document.querySelectorAll('{holds}').length > 1"));
        browser.keep(name);
        browser.value("location.hash = '#/'");
        browser.until("!document.getElementById('overview').hidden");
    }
    assert_quiet(&mut browser, &file);
}

#[test]
fn lists_filter_search_and_sort() {
    let Some(mut browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = report(
        repository(),
        &["sample_corpus"],
        &folder.path().join("report.html"),
    );
    browser.look(1280, 1400, false);
    browser.open(&file, "#/groups");
    browser.until(READY);
    let all = browser.value(ROWS).as_u64().unwrap();
    assert!(all > 20);
    browser.keep("groups");
    let choose = |browser: &mut Browser, id: &str, value: &str| {
        browser.value(&format!(
            "(() => {{ const s = document.getElementById('by-{id}'); s.value = '{value}'; s.dispatchEvent(new Event('change', {{ bubbles: true }})); }})()"
        ));
    };
    choose(&mut browser, "relation", "revision");
    let chains = browser.value(ROWS).as_u64().unwrap();
    assert!(0 < chains && chains < all);
    let chips = browser.value("document.querySelectorAll('.list tbody .chip.revision').length");
    assert_eq!(chips, json!(chains));
    choose(&mut browser, "relation", "");
    choose(&mut browser, "unit", "1");
    let captions = browser.value("document.querySelectorAll('.list tbody .chip.unit').length");
    assert_eq!(browser.value(ROWS), captions);
    choose(&mut browser, "unit", "");
    choose(&mut browser, "size", "3");
    let least = "Math.min(...[...document.querySelectorAll('.list td.n:nth-child(2)')].map((td) => Number(td.textContent)))";
    assert!(browser.value(least).as_u64().unwrap() >= 3);
    choose(&mut browser, "size", "");
    assert_eq!(browser.value(ROWS), json!(all));
    // The name of an id, and words that nothing has.
    browser.value("document.getElementById('search').focus()");
    browser.type_text("mw-0303-04");
    browser.until(&format!("{ROWS} === 1"));
    browser.type_text(" xyzzy");
    browser.until(&format!("{ROWS} === 0"));
    assert!(
        browser
            .text("document.querySelector('#view [role=status]').textContent")
            .contains("Nothing fits")
    );
    browser.value("location.hash = '#/passages'");
    browser.until("document.querySelector('h1:focus, #view h1').textContent === 'Passages'");
    browser.value("[...document.querySelectorAll('.sort')].find((b) => b.textContent.startsWith('Words')).click()");
    let words = browser.value("[...document.querySelectorAll('.list td:nth-child(4)')].map((td) => Number(td.textContent))");
    let words: Vec<u64> = serde_json::from_value(words).unwrap();
    assert!(
        words.len() > 10 && words.is_sorted_by(|a, b| a >= b),
        "{words:?}"
    );
    assert_quiet(&mut browser, &file);
}

#[test]
fn the_keyboard_is_enough() {
    let Some(mut browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = report(
        repository(),
        &["sample_corpus"],
        &folder.path().join("report.html"),
    );
    browser.look(1280, 1400, false);
    browser.open(&file, "");
    browser.until(READY);
    browser.press("Tab");
    assert_eq!(browser.text("document.activeElement.className"), "skip");
    browser.tab_to("e.getAttribute('href') === '#/groups' && e.closest('nav')");
    browser.press("Enter");
    browser.until("document.activeElement.tagName === 'H1' && document.activeElement.textContent === 'Groups'");
    browser.press("/");
    browser.until("document.activeElement.id === 'search'");
    browser.type_text("Quillon Bay braces");
    browser.until(&format!("{ROWS} === 1"));
    browser.tab_to("e.closest('.list tbody')");
    browser.press("Enter");
    browser
        .until("document.activeElement.tagName === 'H1' && document.querySelector('svg.timeline')");
    browser.tab_to("e.classList.contains('mark')");
    browser.press("ArrowRight");
    browser.press("ArrowRight");
    assert_eq!(browser.text("document.activeElement.dataset.member"), "2");
    assert!(
        !browser
            .text("document.activeElement.getAttribute('aria-label')")
            .is_empty()
    );
    browser.keep("keyboard");
    browser.press("Enter");
    browser.until("location.hash.endsWith('/2') && document.activeElement.id === 'pair'");
    assert_quiet(&mut browser, &file);
}

#[test]
fn names_are_there_for_those_who_listen() {
    let Some(mut browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = report(
        repository(),
        &["sample_corpus"],
        &folder.path().join("report.html"),
    );
    browser.open(&file, "");
    browser.until(READY);
    let chain = find(&mut browser, "Longest version chain");
    for hash in [
        "#/",
        "#/groups",
        "#/templates",
        "#/passages",
        "#/boilerplate",
        &chain,
    ] {
        browser.value(&format!("location.hash = '{hash}'"));
        browser.until(&format!("location.hash === '{hash}'"));
        browser.until("document.querySelector('main h1')");
        // Nothing that can be operated is without a name, and no cell of a head without a scope.
        let nameless = browser.value("[...document.querySelectorAll('main a, main button, main input, main select, nav')].filter((e) => !(e.textContent.trim() || e.getAttribute('aria-label') || (e.labels && e.labels.length))).map((e) => e.outerHTML)");
        assert_eq!(nameless, json!([]), "{hash}");
        assert_eq!(
            browser.value("document.querySelectorAll('th:not([scope])').length"),
            json!(0)
        );
        assert_eq!(
            browser.value("document.querySelectorAll('header, main, footer').length"),
            json!(3)
        );
        let heads = browser.value(
            "[...document.querySelectorAll('h1')].filter((h) => h.checkVisibility()).length",
        );
        assert_eq!(heads, json!(1), "{hash}");
    }
}

#[test]
fn it_is_legible_on_a_phone_in_the_dark_and_on_paper() {
    let Some(mut browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = report(
        repository(),
        &["sample_corpus"],
        &folder.path().join("report.html"),
    );
    browser.look(390, 844, false);
    browser.open(&file, "");
    browser.until(READY);
    let chain = find(&mut browser, "Longest version chain");
    let passage = find(&mut browser, "Widest passage");
    for (hash, name) in [
        ("#/", "overview"),
        ("#/groups", "groups"),
        (&chain, "version-chain"),
        (&passage, "passage"),
    ] {
        browser.look(390, 844, false);
        browser.open(&file, hash);
        browser.until(READY);
        // Nothing sticks out to the right, which would make the whole page move under a thumb.
        let wide = browser.value("document.documentElement.scrollWidth");
        assert!(wide.as_u64().unwrap() <= 390, "{name} is {wide} wide");
        browser.keep(&format!("phone-{name}"));
        browser.look(1280, 1400, true);
        browser.keep(&format!("dark-{name}"));
        browser.print(name);
    }
    let paper = browser.text("getComputedStyle(document.documentElement).backgroundColor");
    browser.look(1280, 1400, false);
    assert_ne!(
        browser.text("getComputedStyle(document.documentElement).backgroundColor"),
        paper
    );
}

#[test]
fn a_summary_needs_no_script() {
    let Some(mut browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = report(
        repository(),
        &["sample_corpus"],
        &folder.path().join("report.html"),
    );
    browser.call(
        "Emulation.setScriptExecutionDisabled",
        json!({ "value": true }),
    );
    browser.look(1280, 1400, false);
    browser.open(&file, "");
    assert_eq!(browser.text("document.documentElement.className"), "");
    let text = browser.text("document.body.innerText");
    for said in [
        "What repeats in sample_corpus",
        "Longest version chain",
        "mw-0304-01",
        "revision",
        "Boilerplate",
    ] {
        assert!(text.contains(said), "not there: {said}");
    }
    // Links of the overview lead to what stands below it.
    let dead = browser.value("[...document.querySelectorAll('.finds a')].filter((a) => a.getAttribute('href').startsWith('#/group') && !document.getElementById(a.getAttribute('href').slice(1))).length");
    assert_eq!(dead, json!(0));
    browser.keep("without-script");
}

/// What stories and files might hold to get out of their place.
const HOSTILE: &[&str] = &[
    "</script><script>window.hacked=1;alert(1)</script>",
    "<img src=x onerror=\"window.hacked=1\">",
    "\"><svg onload=window.hacked=1>",
    "' autofocus onfocus=window.hacked=1 x='",
    "<!--<script>window.hacked=1</script>-->",
    "javascript:window.hacked=1",
    "<a href=\"javascript:window.hacked=1\">click</a>",
    "<style>@import 'https://example.invalid/x.css';</style><link rel=stylesheet href=https://example.invalid/y.css>",
    "<iframe srcdoc=\"<script>top.hacked=1</script>\"></iframe><meta http-equiv=refresh content=\"0;url=https://example.invalid\">",
    "]]><base href=https://example.invalid/><form action=https://example.invalid><button>go",
    "\u{202e}gnp.exe\u{2028}\u{2029}\u{0}\u{1b}[2J\u{9b}31m\u{feff}",
    "{{constructor.constructor('window.hacked=1')()}} ${window.hacked=1} %3Cscript%3E",
];

/// Two versions of a story for each string, which stands wherever a string can stand.
fn hostile_lines(strings: &[String]) -> String {
    let mut lines = String::new();
    for (i, hostile) in strings.iter().enumerate() {
        for version in 1..=2 {
            let text = format!(
                "The harbor master number{i} of Orle{i} said on Monday that the {hostile} ferry{i} would leave at nine and that {version} passengers \
                 of line{i} were still waiting on the quay{i} for word from the company{i} that runs it. {hostile}"
            );
            let id = format!("{i}-{version}{hostile}");
            let line = json!({ "id": id, "text": text, "title": hostile, "source": hostile, "version": version, "time": hostile });
            lines.push_str(&line.to_string());
            lines.push('\n');
        }
    }
    lines
}

/// Opens every view of a page over these strings, and nothing happens.
fn assert_harmless(strings: &[String], name: &str) {
    let Some(mut browser) = browser() else { return };
    let corpus = Corpus::empty();
    let odd = "in/<img src=x onerror=hacked=1>'\"&.jsonl";
    corpus.write(odd, hostile_lines(strings).as_bytes());
    let file = report(&corpus.at("."), &["in"], &corpus.at("report.html"));
    let direct = std::fs::read_to_string(&file).unwrap();
    assert!(!direct.contains("\u{1b}") && !direct.contains("\u{202e}"));
    // The same by way of the output of group.
    let groups = samewire_in(
        &corpus.at("."),
        &[
            "group",
            "in",
            "--json",
            "-o",
            "groups.jsonl",
            "--links",
            "links.jsonl",
        ],
        b"",
    );
    assert_eq!(groups.code, 0, "{}", groups.err);
    let again = report(
        &corpus.at("."),
        &["groups.jsonl", "--links", "links.jsonl"],
        &corpus.at("again.html"),
    );
    for page in [file, again] {
        browser.look(1280, 1400, false);
        browser.open(&page, "");
        browser.until(READY);
        let views: Vec<String> = ["#/groups", "#/templates", "#/passages", "#/boilerplate"]
            .map(str::to_owned)
            .to_vec();
        let mut opened = 0;
        for list in views {
            browser.value(&format!("location.hash = '{list}'"));
            browser.until(&format!("location.hash === '{list}'"));
            browser.value("new Promise((done) => setTimeout(done))");
            let links = browser.value("[...document.querySelectorAll('.list tbody a')].slice(0, 40).map((a) => a.getAttribute('href'))");
            let links: Vec<String> = serde_json::from_value(links).unwrap_or_default();
            for link in links {
                assert!(link.starts_with("#/"), "{link}");
                browser.value(&format!("location.hash = {}", json!(link)));
                browser.until("document.querySelector('.trail')");
                if opened == 0 {
                    browser.keep(&format!("hostile-{name}"));
                }
                opened += 1;
            }
        }
        assert!(
            opened > strings.len().min(40) / 2,
            "{opened} views of {}",
            strings.len()
        );
        assert_eq!(
            browser.value("typeof window.hacked"),
            Value::from("undefined")
        );
        let foreign = browser.value("document.querySelectorAll('img, iframe, base, form[action], link, style ~ style, object, embed').length");
        assert_eq!(foreign, json!(0));
        assert_eq!(
            browser.value("document.querySelectorAll('script:not([type])').length"),
            json!(1)
        );
        assert_eq!(browser.value("[...document.querySelectorAll('a')].filter((a) => !a.getAttribute('href').startsWith('#')).length"), json!(0));
        assert_quiet(&mut browser, &page);
    }
}

#[test]
fn no_story_runs_a_script() {
    let strings: Vec<String> = HOSTILE.iter().map(|&s| s.to_owned()).collect();
    assert_harmless(&strings, "own");
}

#[test]
fn no_naughty_string_runs_a_script() {
    let list = crate::corpus::shared_data("hostile/blns/blns.json");
    let Some(text) = list.and_then(|path| std::fs::read_to_string(path).ok()) else {
        return;
    };
    let all: Vec<String> = serde_json::from_str(&text).unwrap();
    let markup: Vec<String> = all
        .into_iter()
        .filter(|s| s.contains(['<', '\'', '"', '&', '`']))
        .collect();
    for (i, some) in markup.chunks(120).enumerate() {
        assert_harmless(some, &format!("blns-{i}"));
    }
}
