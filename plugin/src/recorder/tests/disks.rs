//! Disks that are full, in the way, or gone.

use super::*;

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
