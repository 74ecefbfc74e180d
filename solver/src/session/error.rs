//! What can be wrong with a session, each as one sentence for the user.

use std::path::PathBuf;

use crate::stop::Interrupted;

/// Why a session cannot be opened or saved.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The path given for a session leads nowhere.
    #[error("{} does not exist; give a session folder or its session.json", .path.display())]
    NoSuchSession {
        /// The path as given.
        path: PathBuf,
    },
    /// A folder without `session.json`.
    #[error("the folder {} holds no session.json; give one that does, or a folder of stems and a mix", .folder.display())]
    NoSessionFile {
        /// The folder.
        folder: PathBuf,
    },
    /// `session.json` is not what it should be.
    #[error("{}, line {line}, column {column}: {reason}; correct it there", .path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Counted from one.
        line: usize,
        /// Counted from one.
        column: usize,
        /// What the parser found and what it expected.
        reason: String,
    },
    /// The folder of stems does not exist or is a file.
    #[error("{} is not a folder; give the folder that holds the stems", .path.display())]
    NoStemsFolder {
        /// The path as given.
        path: PathBuf,
    },
    /// `session.json` names no mix and none was given.
    #[error("{} names no mix; add \"mix\": \"FILE\" there or give a mix file", .path.display())]
    NoMix {
        /// The session's file.
        path: PathBuf,
    },
    /// An audio file is missing.
    #[error("the file of {role}, {}, does not exist; correct the path or put the file there", .file.display())]
    NoSuchFile {
        /// Such as `stem "kick"` or `the mix`.
        role: String,
        /// Where it was looked for.
        file: PathBuf,
    },
    /// The system refused to read a file or folder.
    #[error("{} cannot be read ({reason}); it must be there and readable", .path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// The system's words.
        reason: std::io::Error,
    },
    /// The system refused to write a file.
    #[error("{} cannot be written ({reason}); its folder must exist, be writable and have room", .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// The system's words.
        reason: std::io::Error,
    },
    /// No name.
    #[error("{place}: a {what} has no name; every stem and group needs one")]
    Unnamed {
        /// The session's file or folder.
        place: String,
        /// `stem` or `group`.
        what: &'static str,
    },
    /// One name for two stems or two groups.
    #[error("{place}: two {what}s are called \"{name}\"; every name may stand once")]
    Duplicate {
        /// The session's file or folder.
        place: String,
        /// `stem` or `group`.
        what: &'static str,
        /// The name in question.
        name: String,
    },
    /// A stem's group is not among the groups.
    #[error(
        "{place}: stem \"{stem}\" is in the group \"{group}\", which is not listed; add it to \"groups\" or correct the name"
    )]
    UnknownGroup {
        /// The session's file.
        place: String,
        /// The stem's name.
        stem: String,
        /// The unknown name.
        group: String,
    },
    /// Nothing to mix.
    #[error("{place} has no stems; at least one WAV or FLAC file is needed")]
    NoStems {
        /// The session's file or folder.
        place: String,
    },
    /// More stems than a console has tracks.
    #[error("{place} has {count} stems; {} are allowed, so mix some of them down first", super::MAX_STEMS)]
    TooManyStems {
        /// The session's file or folder.
        place: String,
        /// How many there are.
        count: usize,
    },
    /// Neither WAV nor FLAC.
    #[error(
        "{file} is not audio that can be read ({reason}); give WAV (8 to 32 bit integer, 32 or 64 bit float) or FLAC"
    )]
    NotAudio {
        /// The file.
        file: String,
        /// The decoder's words.
        reason: String,
    },
    /// Fewer samples than declared.
    #[error(
        "{file} is cut off or damaged: its header declares {declared} samples but only {found} can be read; export it again"
    )]
    Truncated {
        /// The file.
        file: String,
        /// Samples per channel that the header declares.
        declared: u64,
        /// Samples per channel that are there.
        found: u64,
    },
    /// The samples are not those that were encoded.
    #[error("{file} is damaged: its samples do not have the checksum in its header; export it again")]
    Damaged {
        /// The file.
        file: String,
    },
    /// No sample at all.
    #[error("{file} holds no samples; export it again, at least as long as the song")]
    Empty {
        /// The file.
        file: String,
    },
    /// Neither mono nor stereo.
    #[error("{file} has {channels} channels; export it in mono or stereo")]
    Channels {
        /// The file.
        file: String,
        /// How many it has.
        channels: usize,
    },
    /// A sample rate that no audio has.
    #[error("{file} has a sample rate of {rate} Hz; it must lie between {} and {} Hz", .allowed.0, .allowed.1)]
    SampleRate {
        /// The file.
        file: String,
        /// In Hz.
        rate: u32,
        /// Lowest and highest, in Hz.
        allowed: (u32, u32),
    },
    /// A rate to work at that is out of range.
    #[error("audio cannot be worked on at {rate} Hz; choose a rate between {} and {} Hz", .allowed.0, .allowed.1)]
    Rate {
        /// In Hz.
        rate: u32,
        /// Lowest and highest, in Hz.
        allowed: (u32, u32),
    },
    /// A sample that is no number, or beyond all sense.
    #[error(
        "{file} holds the value {value} at {second:.3} s, where a finite sample within ±{} belongs; export it again",
        super::LOUDEST
    )]
    BadSample {
        /// The file.
        file: String,
        /// Where in the file, in seconds.
        second: f64,
        /// The value found.
        value: f32,
    },
    /// It was given up.
    #[error("opening the session was given up")]
    Aborted,
    /// The mix is silent.
    #[error("the mix {file} is silent; give the finished mix of these stems")]
    SilentMix {
        /// The file.
        file: String,
    },
    /// All stems are silent.
    #[error("{place}: every stem is silent; give the dry tracks that the mix was made from")]
    SilentStems {
        /// The session's file or folder.
        place: String,
    },
}

impl From<Interrupted> for Error {
    fn from(Interrupted: Interrupted) -> Self {
        Self::Aborted
    }
}
