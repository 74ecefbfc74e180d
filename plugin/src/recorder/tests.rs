//! Takes from a host's audio thread to sessions that the solver opens.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use mixtrace_solver::session::{FILE_NAME, Options, Session, SessionFile};
use tempfile::TempDir;

use super::wave::Medium;
use super::*;
use crate::capture::testing::{Block, Host, sample};
use crate::capture::{Transport, channel, channel_of};

const RATE: u32 = 48_000;

/// A second of blocks.
const SECOND: [usize; 75] = [640; 75];

/// A recorder with a home of its own, and the host that feeds it.
struct Rig {
    host: Host,
    recorder: Recorder,
    project: SharedProject,
    home: TempDir,
}

fn project(home: &Path) -> SharedProject {
    let project = SharedProject::default();
    project.with(|project| project.home = Some(home.to_owned()));
    project
}

impl Rig {
    fn new(buses: usize) -> Self {
        Self::on(buses, RATE, Disk::default())
    }

    fn on(buses: usize, rate: u32, disk: Disk) -> Self {
        let (tap, drain, _) = channel();
        let home = tempfile::tempdir().unwrap();
        let project = project(home.path());
        let recorder = Recorder::spawn_on(drain, project.clone(), disk);
        // Not in real time: the host waits rather than loses.
        Self { host: Host::new(tap, buses, rate, true), recorder, project, home }
    }

    /// Stops the transport and waits until the take is put away.
    fn stop(&mut self) -> View {
        self.host.stop();
        self.settle()
    }

    fn settle(&self) -> View {
        wait_until("the take is put away", || !self.recorder.is_busy());
        self.recorder.view()
    }

    fn folder(&self, take: usize) -> PathBuf {
        self.home.path().join(format!("Take {take:03}"))
    }

    fn problem(&self) -> String {
        self.recorder.view().problem.unwrap_or_default()
    }
}

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let since = Instant::now();
    while !done() {
        assert!(since.elapsed() < Duration::from_secs(20), "{what}: not in 20 s");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn open(folder: &Path) -> Session {
    Session::open(folder, &Options { align: false, ..Options::default() }).unwrap()
}

fn file(folder: &Path) -> SessionFile {
    SessionFile::read(&folder.join(FILE_NAME)).unwrap()
}

/// Interleaved samples of a file.
fn samples(path: &Path) -> Vec<f32> {
    let mut reader = hound::WavReader::open(path).unwrap();
    let spec = reader.spec();
    assert_eq!(
        (spec.channels, spec.bits_per_sample, spec.sample_format),
        (2, 32, hound::SampleFormat::Float)
    );
    reader.samples().map(Result::unwrap).collect()
}

/// All files of a take, by their paths in its folder; the mix first.
fn files(folder: &Path) -> Vec<PathBuf> {
    let stems = fs::read_dir(folder.join("stems")).into_iter().flatten();
    let mut stems: Vec<_> = stems.map(|entry| Path::new("stems").join(entry.unwrap().file_name())).collect();
    stems.sort();
    [vec![PathBuf::from("mix.wav")], stems].concat()
}

fn song(bus: usize, from: usize, frames: usize) -> impl Iterator<Item = f32> {
    (from..from + frames).flat_map(move |at| [sample(bus, 0, at), sample(bus, 1, at)])
}

fn assert_song(folder: &Path, buses: usize, from: usize, frames: usize) {
    let files = files(folder);
    assert_eq!(files.len(), buses);
    for (bus, path) in files.iter().enumerate() {
        let samples = samples(&folder.join(path));
        assert_eq!(samples.len(), 2 * frames, "{path:?}");
        assert!(samples.into_iter().eq(song(bus, from, frames)), "{path:?}");
    }
}

#[test]
fn thirty_one_stems_arrive_bit_for_bit_in_a_session_that_opens() {
    for rate in [8_000, 96_000, 384_000] {
        let mut rig = Rig::on(32, rate, Disk::default());
        rig.host.go_to(12_345);
        rig.host.play([1, 64, 1, 509, 4096, 64, 5000, 1, 1, 1]);
        let rest = rate as usize / 3;
        rig.host.play([rest]);
        let frames = 9738 + rest;
        let view = rig.stop();
        assert_eq!(view.problem, None);
        assert_song(&rig.folder(1), 32, 12_345, frames);
        let file = file(&rig.folder(1));
        assert_eq!((file.sample_rate, file.start_samples, file.lost_frames), (Some(rate), Some(12_345), 0));
        assert_eq!(file.notes, Vec::<String>::new());
        let session = open(&rig.folder(1));
        assert_eq!((session.stems.len(), session.sample_rate), (31, rate));
        assert_eq!((session.stems[30].name.as_str(), session.name.as_str()), ("Stem 31", "Take 001"));
        assert_eq!(rig.project.with(|project| project.session.clone()), Some(rig.folder(1)));
        let [take] = &view.takes[..] else { panic!("{:?}", view.takes) };
        assert_eq!((take.folder.as_path(), take.stems), (rig.folder(1).as_path(), 31));
        assert_eq!(
            (take.seconds, take.position_s),
            (frames as f64 / rate as f64, Some(12_345.0 / rate as f64))
        );
        assert_eq!((view.recording, view.home.as_path()), (None, rig.home.path()));
    }
}

#[test]
fn names_and_groups_are_those_of_the_moment_the_take_ends() {
    let mut rig = Rig::new(6);
    rig.project.with(|project| project.stems[0].name = "before/\"that\"".into());
    rig.host.play(SECOND);
    wait_until("the first stem has a file", || rig.folder(1).join("stems").exists());
    wait_until("all was written", || rig.recorder.view().recording.is_some_and(|now| now.seconds == 1.0));
    rig.project.with(|project| {
        let labels = [("Kick", "Drums"), ("Kick 2", "Keys"), (" Kick ", " Drums "), ("", " "), ("Kick", "")];
        for (stem, (name, group)) in project.stems.iter_mut().zip(labels) {
            (stem.name, stem.group) = (name.into(), group.into());
        }
    });
    rig.stop();
    let session = open(&rig.folder(1));
    let names: Vec<_> = session.stems.iter().map(|stem| (stem.name.as_str(), stem.group)).collect();
    let expected =
        [("Kick", Some(0)), ("Kick 2", Some(1)), ("Kick 3", Some(0)), ("Stem 4", None), ("Kick 4", None)];
    assert_eq!(names, expected);
    assert_eq!(session.groups, ["Drums", "Keys"]);
    assert_eq!(file(&rig.folder(1)).stems[0].file, Path::new("stems/01 before that.wav"));
}

#[test]
fn a_jump_makes_two_sessions_that_know_their_places() {
    let mut rig = Rig::new(3);
    rig.host.play(SECOND);
    rig.host.go_to(480_000);
    rig.host.play(SECOND);
    let view = rig.stop();
    assert_song(&rig.folder(1), 3, 0, 48_000);
    assert_song(&rig.folder(2), 3, 480_000, 48_000);
    let takes: Vec<_> = view.takes.iter().map(|take| (take.name.as_str(), take.position_s)).collect();
    assert_eq!(takes, [("Take 002", Some(10.0)), ("Take 001", Some(0.0))]);
    assert_eq!(rig.project.with(|project| project.session.clone()), Some(rig.folder(2)));
}

#[test]
fn what_a_stalled_recorder_loses_is_silence_of_the_same_length_in_every_file() {
    let (tap, drain, status) = channel_of(6 * 30_000, 1000);
    let home = tempfile::tempdir().unwrap();
    let project = project(home.path());
    let mut host = Host::new(tap, 3, RATE, false);
    // Nobody reads: 30 000 frames fit, and of blocks of 640 there are 46 in them.
    host.play(SECOND);
    let recorder = Recorder::spawn(drain, project);
    wait_until("the ring is empty", || recorder.view().recording.is_some_and(|now| now.seconds > 0.613));
    host.play([640; 10]);
    wait_until("the loss is seen", || recorder.view().recording.is_some_and(|now| now.lost_frames > 0));
    host.stop();
    wait_until("the take is put away", || !recorder.is_busy());

    let (kept, lost) = (46 * 640, 29 * 640);
    assert_eq!(status.view().lost_frames, lost as u64);
    let folder = home.path().join("Take 001");
    for (bus, path) in files(&folder).iter().enumerate() {
        let silence = std::iter::repeat_n(0.0, 2 * lost);
        let expected = song(bus, 0, kept).chain(silence).chain(song(bus, kept + lost, 6400));
        assert!(samples(&folder.join(path)).into_iter().eq(expected), "{path:?}");
    }
    assert_eq!(file(&folder).lost_frames, lost as u64);
    assert!(open(&folder).notes[0].contains("lost"), "{:?}", open(&folder).notes);
    assert_eq!(recorder.view().takes[0].lost_frames, lost as u64);
}

#[test]
fn a_take_that_is_as_long_as_files_can_be_goes_on_as_another_one() {
    let mut rig = Rig::on(3, RATE, Disk { most_frames: 20_001, ..Disk::default() });
    rig.host.go_to(7);
    rig.host.play(SECOND);
    rig.host.play([20_000]);
    let view = rig.stop();
    let parts = [(7, 20_001), (20_008, 20_001), (40_009, 20_001)];
    for (take, (from, frames)) in (1..).zip(parts) {
        assert_song(&rig.folder(take), 3, from, frames);
        assert_eq!(file(&rig.folder(take)).start_samples, Some(from as i64));
    }
    assert_eq!(file(&rig.folder(3)).notes, ["Goes on from Take 002 without a gap."]);
    // The 7997 frames that were left are shorter than any take.
    assert_eq!(view.takes.len(), 3);
    assert!(view.problem.unwrap().contains("shorter than 0.25 s"));
}

#[test]
fn the_longest_file_stays_below_4_gib() {
    let bytes = wave::MOST_FRAMES * wave::FRAME;
    assert!((4_290_000_000..u64::from(u32::MAX) - 1000).contains(&bytes), "{bytes}");
}

#[test]
fn silent_buses_have_no_file_and_the_silence_before_a_sound_takes_no_space() {
    let mut rig = Rig::new(6);
    rig.host.tone = Box::new(|bus, channel, at| match bus {
        // Never, ever so slightly, and as signed zeros.
        1 => 0.0,
        2 => 3e-5,
        3 => -0.0,
        // After nine seconds; for a moment in the first.
        4 if at < 9 * 48_000 => 0.0,
        5 if at != 1000 => -0.0,
        _ => sample(bus, channel, at),
    });
    for _ in 0..10 {
        rig.host.play(SECOND);
    }
    rig.stop();
    let folder = rig.folder(1);
    assert_eq!(files(&folder)[1..], [PathBuf::from("stems/04 Stem 4.wav"), "stems/05 Stem 5.wav".into()]);
    for (bus, path) in [(4, "stems/04 Stem 4.wav"), (5, "stems/05 Stem 5.wav")] {
        let samples = samples(&folder.join(path));
        let expected = (0..960_000).map(|i| (rig.host.tone)(bus, i % 2, i / 2));
        assert!(samples.into_iter().eq(expected), "{path}");
    }
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::MetadataExt;
        let on_disk = |path: &str| fs::metadata(folder.join(path)).unwrap().blocks() * 512;
        assert!(on_disk("mix.wav") >= 3_840_000);
        assert!(on_disk("stems/04 Stem 4.wav") < 600_000, "{}", on_disk("stems/04 Stem 4.wav"));
    }
    assert_eq!(open(&folder).stems.len(), 2);
}

#[test]
fn what_is_no_audio_becomes_silence_and_is_noted() {
    let mut rig = Rig::new(3);
    rig.host.tone = Box::new(|bus, channel, at| match (bus, channel, at) {
        (0, 1, 5) => f32::NAN,
        (1, 0, 700) => f32::NEG_INFINITY,
        (2, 0, 701..704) => 2e6,
        _ => sample(bus, channel, at),
    });
    rig.host.play(SECOND);
    rig.stop();
    let folder = rig.folder(1);
    let refused = [(0, 11), (1, 1400), (2, 1402), (2, 1404), (2, 1406)];
    for (bus, path) in files(&folder).iter().enumerate() {
        let silent = |i| refused.contains(&(bus, i));
        let expected = song(bus, 0, 48_000).enumerate().map(|(i, v)| if silent(i) { 0.0 } else { v });
        assert!(samples(&folder.join(path)).into_iter().eq(expected), "{path:?}");
    }
    assert!(file(&folder).notes[0].starts_with("5 samples that were no numbers"));
    assert_eq!(open(&folder).stems.len(), 2);
}

#[test]
fn what_is_no_session_says_what_was_missing() {
    let mut rig = Rig::new(3);
    rig.host.play([64; 10]);
    rig.stop();
    assert_eq!(rig.problem(), "A take shorter than 0.25 s was not kept.");
    rig.host.play([64; 10]);
    rig.stop();
    assert_eq!(rig.problem(), "2 takes shorter than 0.25 s were not kept.");

    rig.host.tone = Box::new(|bus, _, _| if bus == 0 { 0.5 } else { 0.0 });
    rig.host.play(SECOND);
    rig.stop();
    assert!(rig.problem().contains("route tracks to the plugin's side-chain inputs"), "{}", rig.problem());
    assert_eq!(fs::read_dir(rig.home.path()).unwrap().count(), 0);

    rig.host.tone = Box::new(|bus, _, _| if bus == 0 { 0.0 } else { 0.5 });
    rig.host.play(SECOND);
    let view = rig.stop();
    assert!(rig.problem().contains("The mix of Take 001 was silent"), "{}", rig.problem());
    assert_eq!(files(&rig.folder(1)).len(), 3);
    assert!(!rig.folder(1).join("mix.wav").exists() && view.takes.is_empty());
    assert_eq!(rig.project.with(|project| project.session.clone()), None);

    // The next take begins with a clean sheet.
    rig.host.tone = Box::new(sample);
    rig.host.play([640]);
    wait_until("it is forgotten", || rig.problem().is_empty());
}

#[test]
fn a_loop_does_not_hide_what_is_wrong_with_it() {
    let mut rig = Rig::new(2);
    rig.host.tone = Box::new(|bus, _, _| if bus == 0 { 0.5 } else { 0.0 });
    for _ in 0..2 {
        rig.host.go_to(0);
        rig.host.play(SECOND);
    }
    wait_until("the first round is judged", || !rig.problem().is_empty());
    wait_until("the second is under way", || rig.recorder.view().recording.is_some());
    assert!(rig.problem().contains("Nothing arrived"));
}

/// A file on a disk that takes only so many bytes.
struct Tight {
    file: File,
    left: Arc<AtomicI64>,
}

impl Write for Tight {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let end = self.file.metadata()?.len();
        let grows = (self.file.stream_position()? + bytes.len() as u64).saturating_sub(end) as i64;
        if self.left.fetch_sub(grows, Ordering::Relaxed) < grows {
            self.left.fetch_add(grows, Ordering::Relaxed);
            // As disks do, it takes what it can.
            self.file.write_all(&bytes[..bytes.len() / 3])?;
            return Err(ErrorKind::StorageFull.into());
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Tight {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

impl Medium for Tight {
    fn set_len(&mut self, bytes: u64) -> io::Result<()> {
        File::set_len(&self.file, bytes)
    }
}

fn tight(bytes: i64) -> Disk {
    let left = Arc::new(AtomicI64::new(bytes));
    let create = move |path: &Path| -> io::Result<Box<dyn Medium>> {
        Ok(Box::new(Tight { file: File::create_new(path)?, left: Arc::clone(&left) }))
    };
    Disk { create: Box::new(create), ..Disk::default() }
}

#[test]
fn a_disk_that_takes_no_more_leaves_a_session_of_what_it_took() {
    // Two seconds of three buses are 2 304 000 bytes.
    for bytes in [1_500_000, 1_500_001, 1_555_555, 1_600_000] {
        let mut rig = Rig::on(3, RATE, tight(bytes));
        for _ in 0..2 {
            rig.host.play(SECOND);
        }
        wait_until("the disk is full", || rig.problem().contains("cannot be written"));
        // The song plays on, and nobody has to wait for its end.
        assert!(!rig.recorder.is_busy());
        rig.host.play(SECOND);
        rig.stop();
        let frames = samples(&rig.folder(1).join("mix.wav")).len() / 2;
        let fair = bytes as usize / 24;
        assert!((fair - 20_000..=fair).contains(&frames), "{bytes}: {frames} of {fair}");
        assert_song(&rig.folder(1), 3, 0, frames);
        let notes = open(&rig.folder(1)).notes;
        assert!(notes.len() == 1 && notes[0].contains("broke off"), "{notes:?}");
        let problem = rig.problem();
        let saved = format!("The first {:.1} s were saved as Take 001.", frames as f64 / 48_000.0);
        assert!(problem.contains("make room") && problem.ends_with(&saved), "{problem}");
        assert_eq!(rig.project.with(|project| project.session.clone()), Some(rig.folder(1)));
    }
}

#[test]
fn a_disk_without_room_for_a_header_is_told_of_and_leaves_nothing_behind() {
    let mut rig = Rig::on(3, RATE, tight(10));
    rig.host.play(SECOND);
    rig.stop();
    assert!(rig.problem().contains("mix.wav cannot be written"), "{}", rig.problem());
    assert_eq!(fs::read_dir(rig.home.path()).unwrap().count(), 0);
}

#[test]
fn a_take_ends_while_there_is_still_room_to_close_it_well() {
    let mut rig = Rig::on(3, RATE, Disk { free: |_| Some(40_000_000), ..Disk::default() });
    rig.host.play(SECOND);
    assert_eq!(rig.stop().problem, None);
    wait_until("it is told", || rig.recorder.view().free_bytes == Some(40_000_000));

    let mut rig = Rig::on(3, RATE, Disk { free: |_| Some(30_000_000), ..Disk::default() });
    let since = Instant::now();
    while rig.problem().is_empty() && since.elapsed().as_secs() < 5 {
        rig.host.play([640; 10]);
        std::thread::sleep(Duration::from_millis(50));
    }
    rig.stop();
    assert!(rig.problem().contains("is full: make room"), "{}", rig.problem());
}

#[test]
fn a_home_with_a_file_in_its_way_is_told_of_and_another_one_works_at_once() {
    let mut rig = Rig::new(3);
    let home = rig.home.path().join("file/home");
    fs::write(rig.home.path().join("file"), "").unwrap();
    rig.project.with(|project| project.home = Some(home.clone()));
    rig.host.play(SECOND);
    let view = rig.stop();
    let problem = view.problem.unwrap();
    assert!(problem.contains(&home.display().to_string()), "{problem}");
    assert!(problem.contains("choose another folder"), "{problem}");
    let other = rig.home.path().join("other");
    rig.project.with(|project| project.home = Some(other.clone()));
    rig.host.play(SECOND);
    assert_eq!(rig.stop().problem, None);
    assert_eq!(rig.recorder.view().home, other);
    open(&other.join("Take 001"));
}

#[test]
fn a_folder_deleted_during_a_take_ends_it_and_the_next_take_is_whole() {
    let mut rig = Rig::new(3);
    rig.host.play(SECOND);
    wait_until("it is written", || rig.recorder.view().recording.is_some_and(|now| now.seconds == 1.0));
    fs::remove_dir_all(rig.folder(1)).unwrap();
    wait_until("it is seen", || rig.problem().contains("was deleted"));
    assert!(rig.problem().contains("Nothing of Take 001 was saved"), "{}", rig.problem());
    rig.host.play(SECOND);
    rig.stop();
    assert_eq!(fs::read_dir(rig.home.path()).unwrap().count(), 0);
    rig.host.play(SECOND);
    assert_eq!(rig.stop().problem, None);
    open(&rig.folder(1));

    // In the last moment, too.
    rig.host.play([4800; 3]);
    wait_until("it begins", || rig.folder(2).exists());
    fs::remove_dir_all(rig.folder(2)).unwrap();
    rig.host.play(SECOND);
    rig.stop();
    assert!(rig.problem().contains("was deleted"), "{}", rig.problem());
}

#[test]
fn two_recorders_in_one_home_get_a_folder_each() {
    let mut rig = Rig::new(2);
    let mut other = Rig::new(3);
    other.project.with(|project| project.home = Some(rig.home.path().to_owned()));
    for _ in 0..3 {
        for rig in [&mut rig, &mut other] {
            rig.host.play(SECOND);
        }
        rig.host.stop();
        other.host.stop();
    }
    rig.settle();
    other.settle();
    let takes = list::takes(rig.home.path());
    assert_eq!(takes.iter().filter(|take| take.stems == 1).count(), 3);
    assert_eq!(takes.iter().filter(|take| take.stems == 2).count(), 3);
    assert!(takes.iter().all(|take| take.name == take.folder.file_name().unwrap().to_string_lossy()));
}

#[test]
fn a_recorder_is_busy_from_the_first_block_until_the_take_is_the_projects_session() {
    for _ in 0..20 {
        let mut rig = Rig::new(2);
        assert!(!rig.recorder.is_busy());
        rig.host.play([640; 20]);
        assert!(rig.recorder.is_busy());
        rig.host.armed = false;
        rig.host.play([640]);
        while rig.recorder.is_busy() {
            std::hint::spin_loop();
        }
        assert_eq!(rig.project.with(|project| project.session.clone()), Some(rig.folder(1)));
        let view = rig.recorder.view();
        assert_eq!((view.recording, view.takes.len()), (None, 1));
    }
}

#[test]
fn removing_the_plugin_in_a_take_leaves_a_session_within_200_ms() {
    let mut rig = Rig::new(32);
    rig.host.play([9600; 3]);
    wait_until("it is written", || rig.recorder.view().recording.is_some_and(|now| now.seconds == 0.6));
    rig.host.play([960]);
    let since = Instant::now();
    drop(rig.recorder);
    let took = since.elapsed();
    assert!(took < Duration::from_millis(200), "{took:?}");
    assert_song(&rig.home.path().join("Take 001"), 32, 0, 29_760);
    open(&rig.home.path().join("Take 001"));
    // The audio thread may go on for a while.
    rig.host.play([640; 10]);
}

#[test]
fn what_a_crash_leaves_can_be_read() {
    let mut rig = Rig::new(3);
    rig.host.tone =
        Box::new(|bus, channel, at| if bus == 2 && at < 24_000 { 0.0 } else { sample(bus, channel, at) });
    let since = Instant::now();
    while since.elapsed().as_secs_f64() < 2.3 {
        rig.host.play([480; 10]);
        std::thread::sleep(Duration::from_millis(100));
    }
    let folder = rig.folder(1);
    for (bus, path) in files(&folder).iter().enumerate() {
        let samples = samples(&folder.join(path));
        let frames = samples.len() / 2;
        assert!(frames >= 48_000, "{path:?}: {frames}");
        assert!(samples[48_000..].iter().copied().eq(song(bus, 24_000, frames - 24_000)), "{path:?}");
    }
    let options = Options { align: false, ..Options::default() };
    Session::from_stems(&folder.join("stems"), &folder.join("mix.wav"), &options).unwrap();
}

#[test]
fn takes_are_listed_when_somebody_looks_and_again_when_asked() {
    let home = tempfile::tempdir().unwrap();
    let mut rig = Rig::new(2);
    rig.host.play(SECOND);
    rig.stop();
    fs::create_dir(home.path().join("no take")).unwrap();
    fs::create_dir(home.path().join("broken")).unwrap();
    fs::write(home.path().join("broken").join(FILE_NAME), "{").unwrap();
    fs::rename(rig.folder(1), home.path().join("My song")).unwrap();
    rig.project.with(|project| project.home = Some(home.path().to_owned()));
    rig.recorder.look_again();
    wait_until("it is found", || {
        rig.recorder.view().takes.first().is_some_and(|take| take.folder.ends_with("My song"))
    });
    assert_eq!(rig.recorder.view().takes.len(), 1);
    fs::remove_dir_all(home.path().join("My song")).unwrap();
    wait_until("it is missed", || rig.recorder.view().takes.is_empty());
}

#[test]
fn an_instance_that_nobody_looks_at_leaves_the_disk_alone() {
    let (_tap, drain, _) = channel();
    let home = tempfile::tempdir().unwrap();
    let project = project(&home.path().join("home"));
    let free = |_: &Path| -> Option<u64> { panic!("nobody asked") };
    let recorder = Recorder::spawn_on(drain, project, Disk { free, ..Disk::default() });
    std::thread::sleep(Duration::from_millis(200));
    assert!(recorder.is_alive() && !home.path().join("home").exists());
    // The counter-proof, and what a recorder that broke looks like.
    recorder.view();
    wait_until("somebody asked", || !recorder.is_alive());
    assert!(recorder.view().problem.unwrap().contains("reload the plugin"));
}

#[test]
#[ignore = "measures for 20 s"]
fn in_real_time_no_frame_is_lost_at_96_khz_in_blocks_of_64_of_32_buses() {
    let (mut tap, drain, status) = channel();
    let home = tempfile::tempdir_in(std::env::var_os("MEASURE_IN").unwrap_or_else(|| "/tmp".into())).unwrap();
    let recorder = Recorder::spawn(drain, project(home.path()));
    tap.set_up(32, 96_000, false);
    let blocks: Vec<_> = (0..100).map(|n| Block::of(32, n * 64, 64, sample)).collect();
    let mut times = Vec::new();
    let since = Instant::now();
    for n in 0..30_000u32 {
        let due = since + Duration::from_secs(1) * (n * 64) / 96_000;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let transport = Transport { present: true, playing: true, position: Some(i64::from(n) * 64) };
        let began = Instant::now();
        tap.process(true, transport, &blocks[n as usize % 100], 64);
        times.push(began.elapsed().as_secs_f64());
    }
    let ended = Instant::now();
    tap.end();
    wait_until("the take is put away", || !recorder.is_busy());
    let closing = ended.elapsed();
    let lost = status.view().lost_frames;
    times.sort_by(f64::total_cmp);
    let at = |share: f64| 1e6 * times[((times.len() - 1) as f64 * share) as usize];
    let block = 64e6 / 96_000.0;
    let (median, high, worst) = (at(0.5), at(0.99), at(1.0));
    println!(
        "process: median {median:.1} us ({:.2} % of a block), 99 % {high:.1} us, worst {worst:.1} us",
        100.0 * median / block
    );
    println!("lost {lost} frames; closed in {closing:?}; {:?}", recorder.view().problem);
    assert_eq!(lost, 0);
    assert_eq!(recorder.view().takes[0].seconds, 20.0);
}
