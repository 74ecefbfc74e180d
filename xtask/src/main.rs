//! The project's chores: `cargo xtask bundle | check | vst3 | daw`.

mod bundle;
mod daw;
mod python;
mod run;
mod vst3;

use std::env;

use anyhow::{Result, bail};

const USAGE: &str = "\
usage: cargo xtask CHORE

  bundle [OPTION]…  builds the plugin and puts Mixtrace.clap and Mixtrace.vst3 into bundles/.
                    The options are those of cargo build. Without --release or --profile it is a release
                    build, which takes long the first time; --profile dev builds fast and checks more.
  check             formatting and lints, as a change has to pass them
  vst3              the plugin as VST3 in DawDreamer: all stems arrive bit for bit (needs Python 3 and the network)
  daw               the plugin in Ardour, without a screen: 4 and 31 tracks are captured (needs Debian's `ardour`)

vst3 and daw test the build that `cargo test --workspace` tests.";

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let chore = arguments.next();
    let options: Vec<String> = arguments.collect();
    match (chore.as_deref(), options.is_empty()) {
        (Some("bundle"), _) => bundle::for_users(options),
        (Some("check"), true) => {
            run::cargo(&["fmt", "--all", "--check"])?;
            run::cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])
        }
        (Some("vst3"), true) => vst3::test(),
        (Some("daw"), true) => daw::test(),
        _ => bail!(USAGE),
    }
}
