//! What a page must hold, whatever the report.

use roxmltree::{Document, Node};
use serde_json::Value;

use super::*;
use crate::dsp::Stereo;
use crate::findings::fixture;
use crate::result::json;
use crate::stop::Until;
use crate::units::ENDLESS;
use crate::words::processor_phrase::detail;
use crate::words::{facts, runs};

fn parsed(page: &str) -> Document<'_> {
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    Document::parse_with_options(page, options).unwrap()
}

fn has_class(node: &Node, wanted: &str) -> bool {
    node.attribute("class").is_some_and(|class| class.split(' ').any(|class| class == wanted))
}

fn text(node: Node) -> String {
    node.descendants().filter(Node::is_text).filter_map(|d| d.text()).collect()
}

/// All text of the elements with a class or a tag.
fn texts(page: &str, named: &str) -> Vec<String> {
    let document = parsed(page);
    document.descendants().filter(|n| n.has_tag_name(named) || has_class(n, named)).map(text).collect()
}

fn by_id<'a>(document: &'a Document, id: &str) -> Node<'a, 'a> {
    document.descendants().find(|n| n.attribute("id") == Some(id)).unwrap_or_else(|| panic!("no {id}"))
}

fn settled(report: &Report) -> Report {
    json::from_str(&json::to_string(report).unwrap()).unwrap()
}

fn pictures() -> Pictures {
    let tone = |level: f32| (0..400).map(|i| level * (0.1 * i as f32).sin()).collect::<Vec<_>>();
    let [mix, found] = [0.5, 0.4].map(|level| Stereo { channels: [tone(level), tone(-level)] });
    Pictures::of(&mix, &found, 1000, Until::DONE).unwrap()
}

/// The pages that are looked at.
fn pages() -> Vec<String> {
    let mut nothing = fixture::of_size(1);
    nothing.strips.clear();
    nothing.pruning.by_kind.clear();
    nothing.session.notes.clear();
    nothing.matches = Default::default();
    let mut bare = fixture::song();
    (bare.error, bare.session.tempo) = (None, None);
    bare.history.clear();
    let reports = [fixture::song_of_runs(), fixture::parallel(), fixture::of_size(130), nothing, bare];
    let pictures = pictures();
    let page = |(i, report)| to_string(report, (i % 2 == 0).then_some(&pictures));
    reports.iter().enumerate().map(page).collect()
}

#[test]
fn every_strip_and_processor_is_on_the_page() {
    for report in [fixture::song(), fixture::of_size(1), fixture::of_size(130)] {
        let page = to_string(&report, None);
        let names: Vec<String> = texts(&page, "strip-head");
        assert_eq!(names.len(), report.strips.len());
        let chains = texts(&page, "article");
        for strip in &report.strips {
            assert!(names.iter().any(|name| name.contains(&strip.name)));
            for processor in &strip.chain {
                let phrase = detail(processor);
                let is_told = |c: &String| c.contains(&strip.name) && c.contains(&phrase);
                assert!(chains.iter().any(is_told), "{phrase}");
            }
        }
    }
}

#[test]
fn runs_are_told_where_there_were_several() {
    let one = to_string(&fixture::song(), None);
    assert!(!one.contains("class=\"runs\"") && !one.contains(">Runs<"));
    let report = fixture::song_of_runs();
    let page = to_string(&report, None);
    let kept = report.strips.iter().flat_map(|s| &s.chain).map(|p| p.kept_in_runs.unwrap());
    let mut wanted: Vec<_> = kept.map(|share| runs::count(&report, share)).collect();
    let mut told = texts(&page, "runs");
    // Groups stand after their tracks on the page.
    wanted.sort();
    told.sort();
    assert_eq!(told, wanted);
    assert!(told[0].starts_with("1 of 5 runs"), "{told:?}");
    let also = ["compressor (60 %), noise gate (20 %)", "reverb (20 %)"];
    assert_eq!(texts(&page, "also"), also.map(|also| format!("in other runs also: {also}")));
    assert_eq!(page.matches(" – this report").count(), 1);
}

#[test]
fn the_page_fetches_nothing_but_the_audio_beside_it() {
    for page in pages() {
        let document = parsed(&page);
        let links = document.descendants().flat_map(|n| n.attributes());
        let links = links.filter(|a| matches!(a.name(), "src" | "href" | "srcset" | "action" | "data"));
        let mut outside: Vec<_> = links.map(|a| a.value()).collect();
        outside.retain(|to| !to.starts_with('#') && !to.starts_with("data:image/png;base64,"));
        outside.sort();
        outside.dedup();
        assert_eq!(outside, ["match.wav", "original.wav"]);
        assert!(!page.contains("url(") && !page.contains("@import"));
        assert!(!["fetch(", "XMLHttpRequest", "import("].iter().any(|call| page.contains(call)));
    }
}

#[test]
fn a_name_is_text_and_never_markup() {
    let mut report = fixture::song();
    let name = "</h3><script>alert(1)</script>";
    report.strips[0].name = name.into();
    report.session.notes.push(name.into());
    report.session.name = name.into();
    let page = to_string(&report, None);
    // The only script is our own, and it is the page's last word.
    assert_eq!(page.matches("<script").count(), 1);
    assert!(page.ends_with(&format!("{}\n</body>\n</html>\n", listen::script())));
    assert!(texts(&page, "h3").contains(&name.to_string()));
}

#[test]
fn every_page_is_well_formed_and_its_headings_are_in_order() {
    for page in pages() {
        let document = parsed(&page);
        let level = |n: Node| n.tag_name().name().strip_prefix('h').and_then(|n| n.parse::<u8>().ok());
        let levels: Vec<u8> = document.descendants().filter_map(level).collect();
        assert_eq!(levels.iter().filter(|&&level| level == 1).count(), 1);
        assert_eq!(levels[0], 1);
        assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
    }
}

#[test]
fn what_is_seen_can_be_heard_and_reached_by_keyboard() {
    for page in pages() {
        let document = parsed(&page);
        let mut ids: Vec<_> = document.descendants().filter_map(|n| n.attribute("id")).collect();
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count, "an id stands twice");
        for node in document.descendants() {
            let named = || {
                let title = node.children().find(|n| n.has_tag_name("title")).map(text);
                let name = node.attribute("aria-label").or(node.attribute("alt")).map(String::from);
                name.or(title).is_some_and(|name| !name.is_empty())
            };
            match node.tag_name().name() {
                "img" => assert!(named()),
                "svg" => assert!(named() && node.attribute("role") == Some("img")),
                "th" => assert!(matches!(node.attribute("scope"), Some("col" | "row"))),
                "table" => assert!(node.children().any(|n| n.has_tag_name("caption"))),
                "button" => assert_eq!(node.attribute("type"), Some("button")),
                _ => {}
            }
            let leads_to = |name: &str| node.attribute(name).map(|to| to.trim_start_matches('#'));
            let places = ["href", "aria-labelledby"].into_iter().filter_map(leads_to);
            for place in places.filter(|place| !place.ends_with(".wav")) {
                assert!(ids.binary_search(&place).is_ok(), "nothing is called {place}");
            }
        }
        let landmark = |tag| document.descendants().filter(|n| n.has_tag_name(tag)).count();
        assert_eq!(["header", "main", "footer"].map(landmark), [1; 3]);
    }
}

#[test]
fn tracks_that_are_hardly_heard_are_called_uncertain_wherever_they_stand() {
    let mut report = fixture::song();
    report.strips.iter_mut().for_each(|strip| strip.heard = strip.heard.map(|_| 0.5));
    let page = to_string(&report, None);
    assert!(!page.contains(facts::UNCERTAIN) && page.contains("stands out of the mix"));
    report.strips[2].heard = Some(0.049);
    report.strips[5].heard = Some(0.05);
    let page = to_string(&report, None);
    assert_eq!(texts(&page, "badge"), [facts::UNCERTAIN]);
    let listed = texts(&page, "uncertain").concat();
    assert!(listed.contains("Overheads") && !listed.contains("Bass"), "{listed}");
}

#[test]
fn a_song_of_many_strips_is_a_page_of_moderate_size() {
    assert!(to_string(&fixture::of_size(130), Some(&pictures())).len() < 3 << 20);
}

/// The value that a shown figure tells, and how far it can be off by rounding.
fn told(shown: &str) -> (f64, f64) {
    if shown == "endless" {
        return (ENDLESS, 0.0);
    }
    if shown == "C" {
        return (0.0, 0.005);
    }
    if let Some((done, of)) = shown.strip_suffix(" runs").and_then(|runs| runs.split_once(" of ")) {
        return (done.parse::<f64>().unwrap() / of.parse::<f64>().unwrap(), 1e-4);
    }
    let shown = shown.strip_suffix(":1").unwrap_or(shown);
    if let Some((minutes, seconds)) = shown.split_once(':') {
        return (60.0 * minutes.parse::<f64>().unwrap() + seconds.parse::<f64>().unwrap(), 0.5);
    }
    let (number, unit) = shown.split_once(' ').unwrap_or((shown, ""));
    let (number, sign) = match number.chars().next().unwrap() {
        '−' | 'L' => (number.trim_start_matches(['−', 'L']), -1.0),
        '+' | 'R' => (number.trim_start_matches(['+', 'R']), 1.0),
        _ => (number, 1.0),
    };
    let scale = match unit {
        "kHz" => 1000.0,
        "%" => 0.01,
        _ if shown.starts_with(['L', 'R']) => 0.01,
        "Hz" | "ms" | "s" | "dB" | "" => 1.0,
        unit => panic!("the unit {unit} of {shown} is unknown"),
    };
    // Zeros at the end of a frequency are left out: it has two decimals in kHz and below 100 Hz one.
    let decimals = match unit {
        "kHz" => 2,
        "Hz" => usize::from(number.split('.').next().is_some_and(|whole| whole.len() < 3)),
        _ => number.split_once('.').map_or(0, |(_, decimals)| decimals.len()),
    };
    (sign * scale * number.parse::<f64>().unwrap(), scale * 0.5 * 10f64.powi(-(decimals as i32)))
}

/// All figures of a part of the page, after a look at whether each shows what it stands for.
fn figures(part: Node) -> Vec<f64> {
    let figure = |node: Node| {
        let (value, shown): (f64, _) = (node.attribute("value").unwrap().parse().unwrap(), text(node));
        let (told, off) = told(&shown);
        let limiter = shown == "∞:1" && value >= 100.0;
        assert!(limiter || (value - told).abs() <= off * (1.0 + 1e-6), "{value} is shown as {shown}");
        value
    };
    part.descendants().filter(|n| n.has_tag_name("data")).map(figure).collect()
}

/// All numbers of a part of report.json but those of fields that are not to be shown as figures.
fn numbers(value: &Value, but: &[&str]) -> Vec<f64> {
    match value {
        Value::Number(number) => vec![number.as_f64().unwrap()],
        Value::Array(items) => items.iter().flat_map(|item| numbers(item, but)).collect(),
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(name, _)| !but.contains(&name.as_str()));
            kept.flat_map(|(_, value)| numbers(value, but)).collect()
        }
        _ => vec![],
    }
}

/// Holds where a part of the page shows these numbers and no others.
#[track_caller]
fn assert_same(mut shown: Vec<f64>, mut wanted: Vec<f64>, what: &str) {
    shown.sort_by(f64::total_cmp);
    wanted.sort_by(f64::total_cmp);
    assert_eq!(shown, wanted, "{what}");
}

#[test]
fn every_figure_of_a_strip_is_that_of_the_json_and_none_is_missing() {
    for report in [fixture::song_of_runs(), fixture::of_size(40), fixture::parallel()] {
        let report = settled(&report);
        let json = serde_json::to_value(&report).unwrap();
        let page = to_string(&report, None);
        let document = parsed(&page);
        for (i, strip) in report.strips.iter().enumerate() {
            for (place, processor) in strip.chain.iter().enumerate() {
                let id = format!("strip-{i}-{place}");
                let mut value = json["strips"][i]["chain"][place].clone();
                // A high- or low-pass has no gain, and a curve is drawn.
                let bands = value.get_mut("bands").and_then(Value::as_array_mut);
                without_gain_of_passes(bands);
                let as_heard = processor.kind().definition().states_what_is_heard();
                let but: &[&str] = if as_heard { &["response", "wet"] } else { &[] };
                assert_same(figures(by_id(&document, &id)), numbers(&value, but), &id);
            }
            let mut value = json["strips"][i].clone();
            without_gain_of_passes(value.pointer_mut("/tone/bands").and_then(Value::as_array_mut));
            let card = by_id(&document, &format!("strip-{i}"));
            let mut shown = figures(card);
            for node in card.descendants().filter(|n| has_class(n, "processor")) {
                for figure in figures(node) {
                    shown.remove(shown.iter().position(|shown| *shown == figure).unwrap());
                }
            }
            assert_same(shown, numbers(&value, &["chain", "also"]), &strip.name);
        }
    }
}

fn without_gain_of_passes(bands: Option<&mut Vec<Value>>) {
    for band in bands.into_iter().flatten().filter(|band| band["type"].as_str().unwrap().ends_with("pass")) {
        band.as_object_mut().unwrap().remove("db");
    }
}

#[test]
fn every_figure_of_the_whole_song_is_that_of_the_json() {
    let report = settled(&fixture::song());
    let value = serde_json::to_value(&report).unwrap();
    let page = to_string(&report, None);
    let document = parsed(&page);
    let table = document.descendants().find(|n| has_class(n, "match")).unwrap();
    assert_same(figures(table), numbers(&value["match"], &[]), "match");
    let stages: Vec<&str> = facts::stages(&report).iter().map(|stage| stage.0).collect();
    assert_eq!(stages, ["plain sum", "faders and pan pots alone", "full console", "pruned"]);
    assert!(stages.iter().all(|stage| text(table).contains(stage)));

    let tables = || by_id(&document, "overview").descendants().filter(|n| has_class(n, "numbers"));
    let [by_frequency, over_time] = [0, 1].map(|i| tables().nth(i).unwrap());
    assert_same(figures(by_frequency), numbers(&value["error"]["by_frequency"], &[]), "by frequency");
    let error = &report.error.as_ref().unwrap().over_time;
    let begins = |s: &f64| 10.0 * (s / 10.0).floor();
    // A row begins at a time and has ten seconds; rows without a figure are left out.
    let mut wanted: Vec<f64> = error.s.iter().map(begins).collect();
    wanted.dedup();
    wanted.extend(&error.db);
    assert_same(figures(over_time), wanted, "over time");
    let rows = || over_time.descendants().filter(|n| n.has_tag_name("tr"));
    for (s, db) in error.s.iter().zip(&error.db) {
        let row = rows().find(|row| figures(*row).first() == Some(&begins(s))).unwrap();
        let cell = row.children().filter(|n| n.has_tag_name("td")).nth(*s as usize % 10).unwrap();
        assert_eq!(figures(cell), [*db], "{s} s");
    }

    let pruning = by_id(&document, "pruning");
    let history = pruning.descendants().find(|n| has_class(n, "numbers")).unwrap();
    assert_same(figures(history), numbers(&value["history"], &["round"]), "history");
    let tiles = document.descendants().find(|n| has_class(n, "tiles")).unwrap();
    let wanted = [&value["match"]["pruned"]["full"], &value["pruning"]["processors_after"]];
    let wanted =
        wanted.into_iter().chain([&value["pruning"]["processors_before"], &value["pruning"]["ratio"]]);
    assert_same(figures(tiles), wanted.flat_map(|value| numbers(value, &[])).collect(), "tiles");
    // Whatever else is a figure shows what it stands for as well.
    figures(document.root_element());
}

#[test]
fn the_player_is_two_plain_ones_until_the_script_joins_them() {
    let page = to_string(&fixture::song(), Some(&pictures()));
    let document = parsed(&page);
    let audio: Vec<Node> = document.descendants().filter(|n| n.has_tag_name("audio")).collect();
    assert_eq!(audio.len(), 2);
    assert!(audio.iter().all(|n| n.attribute("controls").is_some()));
    assert!(by_id(&document, "player").attribute("hidden").is_some());
    // Whatever the script reaches for is there.
    let script = listen::script();
    for id in script.split("by(\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        by_id(&document, id);
    }
    let louder: f64 = by_id(&document, "level").attribute("data-louder-db").unwrap().parse().unwrap();
    assert!((louder - 20.0 * 0.8f64.log10()).abs() < 1e-3);
}

#[test]
fn all_three_pictures_are_on_the_page_that_has_them() {
    let count = |page: &str| page.matches("src=\"data:image/png;base64,").count();
    assert_eq!(count(&to_string(&fixture::song(), Some(&pictures()))), 3);
    assert_eq!(count(&to_string(&fixture::song(), None)), 0);
    assert!(!to_string(&fixture::song(), None).contains("#spectrograms"));
}
