//! What the tests share. Of the program: building it, running it, and sessions to run it on. Of the plugin: a [`host`],
//! what it plays ([`sound`]) and what the plugin made of it ([`takes`]).

pub mod host;
pub mod sound;
pub mod takes;

use std::f32::consts::TAU;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The program, built the first time it is asked for, with the profile of the tests.
pub fn program() -> Command {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let built = escargot::CargoBuild::new().package("mixtrace-solver").bin("mixtrace").run();
        built.expect("the program builds").path().to_path_buf()
    });
    Command::new(built)
}

/// Runs the program with arguments, in the folder `cwd`.
pub fn run(cwd: &Path, arguments: &[&str]) -> Output {
    program().current_dir(cwd).args(arguments).output().expect("the program starts")
}

/// The same on a full disk, for which a limit on the size of files stands: no file may have more than that many KiB.
#[cfg(target_os = "linux")]
pub fn run_on_full_disk(cwd: &Path, kib: usize, arguments: &[&str]) -> Output {
    let command = format!("trap '' XFSZ; ulimit -f {kib}; exec \"$0\" \"$@\"");
    let program = program().get_program().to_owned();
    let mut bash = Command::new("bash");
    bash.args(["-c", &command]).arg(program).args(arguments).current_dir(cwd);
    bash.output().expect("bash starts")
}

/// The folder `tests/songs/tiny`.
pub fn tiny() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("songs/tiny")
}

/// Writes a WAV file of a decaying tone, `seconds` long.
pub fn write_tone(path: &Path, hz: f32, seconds: f32) {
    write_wav(
        path,
        2,
        (0..(44_100.0 * seconds) as usize * 2).map(|i| {
            let t = (i / 2) as f32 / 44_100.0;
            0.5 * (TAU * hz * t).sin() * (-2.0 * (t % 0.5)).exp()
        }),
    );
}

/// Writes a float WAV file at 44.1 kHz.
pub fn write_wav(path: &Path, channels: u16, samples: impl Iterator<Item = f32>) {
    let spec = hound::WavSpec {
        channels,
        sample_rate: 44_100,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(path, spec).expect("the folder is writable");
    samples.for_each(|s| writer.write_sample(s).expect("the disk has room"));
    writer.finalize().expect("the disk has room");
}

/// Writes a session of two short stems and their sum into `folder`.
pub fn write_session(folder: &Path) {
    std::fs::create_dir_all(folder.join("stems")).expect("the folder is writable");
    write_tone(&folder.join("stems/a.wav"), 220.0, 2.5);
    write_tone(&folder.join("stems/b.wav"), 1300.0, 2.5);
    let sum = |i: usize| {
        let t = (i / 2) as f32 / 44_100.0;
        0.4 * ((TAU * 220.0 * t).sin() + (TAU * 1300.0 * t).sin()) * (-2.0 * (t % 0.5)).exp()
    };
    write_wav(&folder.join("mix.wav"), 2, (0..110_250 * 2).map(sum));
    let json = r#"{"name": "two", "sample_rate": 44100, "mix": "mix.wav", "groups": [{"name": "all"}],
 "stems": [{"name": "a", "file": "stems/a.wav", "group": "all"}, {"name": "b", "file": "stems/b.wav"}]}"#;
    std::fs::write(folder.join("session.json"), json).expect("the folder is writable");
}
