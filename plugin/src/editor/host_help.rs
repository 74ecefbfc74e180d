//! How stems get to the plugin's side chains, host by host.

/// A host whose routing we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// Cockos Reaper.
    Reaper,
    /// Bitwig Studio.
    Bitwig,
    /// Ardour and Mixbus, which is built on it.
    Ardour,
    /// Any other.
    Other,
}

impl Host {
    /// All, in the order of a menu.
    pub const ALL: [Host; 4] = [Host::Reaper, Host::Bitwig, Host::Ardour, Host::Other];

    /// The host that runs the program of this file name. Plugin interfaces tell the name to the wrapper only.
    pub fn of_program(name: &str) -> Self {
        let name = name.to_lowercase();
        let known = [
            ("reaper", Host::Reaper),
            ("bitwig", Host::Bitwig),
            ("ardour", Host::Ardour),
            ("mixbus", Host::Ardour),
        ];
        known.into_iter().find(|(part, _)| name.contains(part)).map_or(Host::Other, |(_, host)| host)
    }

    /// The host that this process is part of.
    pub fn here() -> Self {
        let program = std::env::current_exe().ok();
        let name = program.as_deref().and_then(|path| path.file_name()).map(|name| name.to_string_lossy());
        name.map_or(Host::Other, |name| Self::of_program(&name))
    }

    /// The name in a menu.
    pub fn title(self) -> &'static str {
        match self {
            Host::Reaper => "Reaper",
            Host::Bitwig => "Bitwig",
            Host::Ardour => "Ardour",
            Host::Other => "Other hosts",
        }
    }

    /// What to do so that stems arrive, step by step.
    pub fn steps(self) -> &'static [&'static str] {
        match self {
            Host::Reaper => &[
                "Put Mixtrace on a track or folder that carries the mix on channels 1/2 (tracks cannot send to the \
                 master) and set that track to 64 channels.",
                "Add a pre-FX send from each stem's track to it, with destination channels 3/4 for the first, 5/6 \
                 for the next, and so on.",
                "Check the plug-in's pin connector: Stem 1 is on 3/4, Stem 2 on 5/6, …",
            ],
            Host::Bitwig => &[
                "Put Mixtrace on the master or on a track that carries the mix.",
                "Open the device's side-chain inputs: there is a selector for each stem.",
                "Choose a track as the source of each one you need.",
            ],
            Host::Ardour => &[
                "Put Mixtrace on the master or on a bus that carries the mix, and right-click it: Pin Connections.",
                "Add a side-chain input for each stem and route it to the plugin's Stem pins.",
                "Connect each stem's track to its side-chain input.",
            ],
            Host::Other => &[
                "Put Mixtrace where the mix comes in on its main input.",
                "Send each stem's track to one of its side-chain inputs, Stem 1 to Stem 31.",
                "Where the host shows channels instead of side chains: Stem 1 is on 3/4, Stem 2 on 5/6, and so on.",
            ],
        }
    }
}

/// What heads the steps.
pub const NOTHING_ARRIVES: &str = "No stem has sounded yet. Route tracks to the side-chain inputs:";

/// Told where the host says nothing of a transport.
pub const NO_TRANSPORT: &str =
    "This host reports no transport: press Capture to start a take and again to end it.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_known_by_its_program() {
        let found = ["reaper", "REAPER.exe", "BitwigPluginHost-X64-SSE41", "ardour-7.3.0", "mixbus", "Live"]
            .map(Host::of_program);
        use Host::*;
        assert_eq!(found, [Reaper, Reaper, Bitwig, Ardour, Ardour, Other]);
    }

    #[test]
    fn every_host_gets_a_few_full_sentences() {
        for host in Host::ALL {
            assert!((2..=4).contains(&host.steps().len()));
            for step in host.steps() {
                assert!(step.ends_with(['.', '…']) && !step.contains("  "), "{step}");
            }
        }
    }
}
