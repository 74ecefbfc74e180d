//! WAV files that can have holes, and the disk they lie on.
//!
//! `hound` writes files from front to back. Here a bus that is silent for an hour takes no space for it: what was never
//! written reads as zeros, and most file systems do not store it either. Other file systems fill it in, which costs
//! time and nothing else.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

/// Bytes of a header: RIFF, an 18-byte format, the number of frames (which formats other than PCM must tell), data.
const HEADER: u64 = 58;

/// Bytes of a frame: two channels of 32-bit floats.
pub const FRAME: u64 = 8;

/// Bytes kept back until there are this many, for fewer and larger writes.
const CHUNK: usize = 64 * 1024;

/// The most frames in a file, 3 h at 48 kHz: a megabyte less than its 32-bit sizes could tell.
pub const MOST_FRAMES: u64 = ((1 << 32) - (1 << 20)) / FRAME;

/// What a file is written to.
pub trait Medium: Write + Seek + Send {
    /// Cuts or lengthens it to so many bytes; what is added reads as zeros.
    fn set_len(&mut self, bytes: u64) -> io::Result<()>;
}

impl Medium for File {
    fn set_len(&mut self, bytes: u64) -> io::Result<()> {
        File::set_len(self, bytes)
    }
}

/// Makes a file that is not there yet.
pub type Create = Box<dyn Fn(&Path) -> io::Result<Box<dyn Medium>> + Send>;

/// The disk, and what tests may want otherwise than it is.
pub struct Disk {
    /// Makes a file.
    pub create: Create,
    /// Bytes free at a place, if the system tells.
    pub free: fn(&Path) -> Option<u64>,
    /// Frames after which a take goes on as another one.
    pub most_frames: u64,
}

impl Default for Disk {
    fn default() -> Self {
        Self {
            create: Box::new(|path| Ok(Box::new(File::create_new(path)?))),
            free: super::home::free_bytes,
            most_frames: MOST_FRAMES,
        }
    }
}

/// A stereo file of 32-bit floats being written.
pub struct WaveFile {
    medium: Box<dyn Medium>,
    sample_rate: u32,
    /// Frames before the kept-back ones, written or left out.
    written: u64,
    /// Interleaved frames that are kept back.
    kept: Vec<u8>,
    /// Frames that the header tells.
    told: u64,
}

impl WaveFile {
    /// Begins a file with its header.
    pub fn begin(mut medium: Box<dyn Medium>, sample_rate: u32) -> io::Result<Self> {
        medium.write_all(&header(sample_rate, 0))?;
        Ok(Self { medium, sample_rate, written: 0, kept: Vec::new(), told: 0 })
    }

    /// Puts frames at `at`, which must not lie before earlier ones; everything between them is silence.
    pub fn write(&mut self, at: u64, left: &[f32], right: &[f32]) -> io::Result<()> {
        let gap = at.saturating_sub(self.end()).saturating_mul(FRAME);
        if gap <= CHUNK as u64 {
            self.kept.resize(self.kept.len() + gap as usize, 0);
        } else {
            self.flush()?;
            self.written = at;
        }
        let from = self.kept.len();
        self.kept.resize(from + left.len().min(right.len()) * FRAME as usize, 0);
        for (to, (l, r)) in self.kept[from..].chunks_exact_mut(FRAME as usize).zip(left.iter().zip(right)) {
            to[..4].copy_from_slice(&l.to_le_bytes());
            to[4..].copy_from_slice(&r.to_le_bytes());
        }
        if self.kept.len() >= CHUNK { self.flush() } else { Ok(()) }
    }

    /// Writes what was kept back and a header that tells of it, so that a reader finds it should we never come back.
    pub fn sync(&mut self) -> io::Result<()> {
        self.flush()?;
        if self.told == self.written {
            return Ok(());
        }
        self.tell(self.written)
    }

    /// Writes what was kept back if the disk takes it, and says up to which frame this file can be read: no limit if
    /// all was taken, since silence needs no disk.
    pub fn readable(&mut self) -> u64 {
        if self.flush().is_ok() { u64::MAX } else { self.written }
    }

    /// Ends the file with exactly so many frames, at most as many as are [`readable`](Self::readable).
    pub fn close(&mut self, frames: u64) -> io::Result<()> {
        if self.end() <= frames {
            self.flush()?;
        }
        self.kept.clear();
        self.medium.set_len(HEADER + frames * FRAME)?;
        self.tell(frames)
    }

    fn end(&self) -> u64 {
        self.written + self.kept.len() as u64 / FRAME
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.kept.is_empty() {
            return Ok(());
        }
        // A header may have been written since, or half of this before the disk was full.
        self.medium.seek(SeekFrom::Start(HEADER + self.written * FRAME))?;
        self.medium.write_all(&self.kept)?;
        self.written = self.end();
        self.kept.clear();
        Ok(())
    }

    fn tell(&mut self, frames: u64) -> io::Result<()> {
        self.medium.seek(SeekFrom::Start(0))?;
        self.medium.write_all(&header(self.sample_rate, frames))?;
        self.told = frames;
        Ok(())
    }
}

/// The header of a file of so many frames.
fn header(sample_rate: u32, frames: u64) -> [u8; HEADER as usize] {
    const STEREO: u16 = 2;
    const IEEE_FLOAT: u16 = 3;
    // Takes are split long before these overflow.
    let short = |bytes: u64| u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes();
    let mut header = [0; HEADER as usize];
    let mut at = 0;
    let mut put = |bytes: &[u8]| {
        header[at..at + bytes.len()].copy_from_slice(bytes);
        at += bytes.len();
    };
    put(b"RIFF");
    put(&short(HEADER - 8 + frames * FRAME));
    put(b"WAVEfmt ");
    put(&18u32.to_le_bytes());
    put(&IEEE_FLOAT.to_le_bytes());
    put(&STEREO.to_le_bytes());
    put(&sample_rate.to_le_bytes());
    put(&short(u64::from(sample_rate) * FRAME));
    put(&(FRAME as u16).to_le_bytes());
    put(&32u16.to_le_bytes());
    put(&0u16.to_le_bytes());
    put(b"fact");
    put(&4u32.to_le_bytes());
    put(&short(frames));
    put(b"data");
    put(&short(frames * FRAME));
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk that is full for a moment, once so many bytes have been written.
    struct Hiccup(File, usize);

    impl Write for Hiccup {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let count = self.0.write(&bytes[..bytes.len().min(self.1)])?;
            self.1 -= count;
            if count == 0 {
                self.1 = usize::MAX;
                return Err(io::ErrorKind::StorageFull.into());
            }
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Seek for Hiccup {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    impl Medium for Hiccup {
        fn set_len(&mut self, bytes: u64) -> io::Result<()> {
            self.0.set_len(bytes)
        }
    }

    #[test]
    fn what_was_half_written_when_the_disk_was_full_is_whole_when_it_no_longer_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let medium = Hiccup(File::create_new(&path).unwrap(), 100_003);
        let mut file = WaveFile::begin(Box::new(medium), 48_000).unwrap();
        let song: Vec<f32> = (0..40_000).map(|at| at as f32).collect();
        let mut failures = 0;
        for (n, part) in song.chunks(1000).enumerate() {
            failures += usize::from(file.write(1000 * n as u64, part, part).is_err());
        }
        assert_eq!((failures, file.readable()), (1, u64::MAX));
        file.close(40_000).unwrap();
        let samples = hound::WavReader::open(&path).unwrap().into_samples::<f32>();
        assert!(samples.map(Result::unwrap).eq(song.iter().flat_map(|v| [*v, *v])));
    }

    #[test]
    fn gaps_short_and_long_are_silent_and_files_end_where_they_are_told_to() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let mut file = WaveFile::begin(Box::new(File::create_new(&path).unwrap()), 8_000).unwrap();
        let sounds = [5u64, 6, 100, 8_300, 8_301, 50_000];
        for at in sounds {
            file.write(at, &[0.5], &[-0.5]).unwrap();
            file.sync().unwrap();
        }
        for frames in [60_000u64, 50_000] {
            file.close(frames).unwrap();
            let reader = hound::WavReader::open(&path).unwrap();
            assert_eq!((u64::from(reader.duration()), reader.spec().sample_rate), (frames, 8_000));
            assert_eq!(std::fs::metadata(&path).unwrap().len(), HEADER + frames * FRAME);
            let tone = |at| if sounds.contains(&at) { [0.5, -0.5] } else { [0.0, 0.0] };
            assert!(reader.into_samples::<f32>().map(Result::unwrap).eq((0..frames).flat_map(tone)));
        }
    }
}
