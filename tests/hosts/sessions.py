"""What the hosts' scripts share: a song whose every bus and channel is different, and reading what was captured of it."""

import json
import sys
import time

import numpy
import soundfile


def song(stems, frames):
    """Noise, different on every bus (0 is the mix) and channel: [bus, channel, frame], within ±0.02: even the sum of all
    buses is no louder than a host's full scale."""
    noise = numpy.random.default_rng(1).random((1 + stems, 2, frames), dtype=numpy.float32)
    return (noise - numpy.float32(0.5)) * numpy.float32(0.04)


def wait_for_take(home):
    """The folder of the take in `home`, once it is closed."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if found := list(home.glob("*/session.json")):
            assert len(found) == 1, f"one take was expected: {found}"
            return found[0].parent
        time.sleep(0.01)
    sys.exit(f"nothing was captured: {home} holds {sorted(map(str, home.rglob('*')))}")


def differences(folder, sent, rate):
    """What of `sent` does not lie in the session bit for bit: names of buses, with the reason.

    `sent` begins where the song does. The take may hold some silence of the host before and after it.
    """
    session = json.loads((folder / "session.json").read_text())
    files = {stem["name"]: stem["file"] for stem in session["stems"]}
    files["Mix"] = session["mix"]
    found = {}
    if session["sample_rate"] != rate or session.get("lost_frames", 0) != 0:
        found["session"] = f"{session}"
    for bus, audio in enumerate(sent):
        name = f"Stem {bus}" if bus else "Mix"
        if name not in files:
            found[name] = "is missing"
            continue
        captured, file_rate = soundfile.read(folder / files.pop(name), dtype="float32", always_2d=True)
        captured = captured.T[:, -session["start_samples"] :] if session["start_samples"] < 0 else captured.T
        skipped = max(session["start_samples"], 0)
        if file_rate != rate or skipped or captured.shape[1] < audio.shape[1]:
            found[name] = f"has {captured.shape[1]} frames at {file_rate} Hz from {skipped} on"
            continue
        frames = audio.shape[1]
        wrong = numpy.argwhere(captured[:, :frames] != audio)
        if wrong.size:
            farthest = numpy.abs(captured[:, :frames] - audio).max()
            first = wrong[:, 1].min()
            found[name] = f"differs in {len(wrong)} samples by up to {farthest:.3g}, first in frame {first}"
    for name in files:
        found[name] = "was never sent"
    return found
