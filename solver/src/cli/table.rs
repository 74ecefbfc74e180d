//! The report as the terminal shows it.

use comfy_table::{ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use mixtrace_solver::findings::{Report, Role};
use mixtrace_solver::pages;
use mixtrace_solver::words::{facts, runs};

/// Prints every strip's chain, and the match.
pub fn print(report: &Report) {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["strip", "", "chain"]);
    for row in pages::table::rows(report) {
        let role = match row.role {
            Role::Track => format!("→ {}", row.to),
            Role::Group => format!("group → {}", row.to),
            Role::Send => format!("send → {}", row.to),
            Role::Master => "master".into(),
        };
        let mut lines = if row.chain.is_empty() { vec!["–".into()] } else { row.chain };
        lines.extend(row.also);
        let lines: Vec<String> = lines.iter().map(|line| plain(line)).collect();
        table.add_row([plain(&row.name), plain(&role), lines.join("\n")]);
    }
    let (matches, pruning) = (&report.matches, &report.pruning);
    println!("{table}");
    for line in runs::lines(report) {
        println!("{line}");
    }
    println!(
        "match (0 is identical): plain sum {:.3}, {} {:.3}, pruned {:.3}; {} of {} processors kept\n",
        matches.plain_sum.full,
        facts::beginning(report),
        matches.console.full,
        matches.pruned.full,
        pruning.processors_after,
        pruning.processors_before
    );
}

/// Text without what a terminal would obey instead of showing it: names come from files.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
