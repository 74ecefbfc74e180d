"""Captures 31 stems and a mix through the VST3 in DawDreamer, and compares the session with what was sent, bit for bit.

usage: vst3_capture.py Mixtrace.vst3
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import dawdreamer
import numpy
import soundfile

RATE = 48_000
BLOCK = 512
SECONDS = 1.0
STEMS = 31


def song():
    """Noise that is different on every bus (0 is the mix) and channel: [bus, channel, frame]."""
    noise = numpy.random.default_rng(1).random((1 + STEMS, 2, int(RATE * SECONDS)), dtype=numpy.float32)
    return (noise - 0.5) * 0.5


def capture(plugin, sent, home):
    """Plays `sent` with `Capture` on; returns the folder of the take and what came out of the plugin."""
    os.environ["MIXTRACE_HOME"] = str(home)
    engine = dawdreamer.RenderEngine(RATE, BLOCK)
    mixtrace = engine.make_plugin_processor("mixtrace", str(plugin))
    assert mixtrace.enable_all_buses(), "not all buses can be enabled"
    channels = 2 * (1 + STEMS)
    assert mixtrace.get_num_input_channels() == channels, mixtrace.get_num_input_channels()
    assert mixtrace.get_num_output_channels() == channels, mixtrace.get_num_output_channels()
    numbers = {p["name"]: p["index"] for p in mixtrace.get_parameters_description()}

    players = [engine.make_playback_processor(f"bus {bus}", audio) for bus, audio in enumerate(sent)]
    graph = [(player, []) for player in players]
    graph.append((mixtrace, [player.get_name() for player in players]))
    assert engine.load_graph(graph), "the graph was refused"

    mixtrace.set_parameter(numbers["Capture"], 1.0)
    engine.render(SECONDS)
    out = mixtrace.get_audio().reshape(1 + STEMS, 2, -1)
    # DawDreamer's transport plays whenever it renders: it is the parameter that ends the take.
    mixtrace.set_parameter(numbers["Capture"], 0.0)
    engine.render(0.1)
    return wait_for(home), out


def wait_for(home):
    """The folder of the one take in `home`, once it is closed."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if found := list(home.glob("*/session.json")):
            assert len(found) == 1, f"one take was expected: {found}"
            return found[0].parent
        time.sleep(0.01)
    sys.exit(f"nothing was captured: {home} holds {list(home.rglob('*'))}")


def differences(folder, sent):
    """What of `sent` does not lie in the session as it was sent: names of buses, with the reason."""
    session = json.loads((folder / "session.json").read_text())
    files = {stem["name"]: stem["file"] for stem in session["stems"]}
    files["Mix"] = session["mix"]
    found = {}
    if session["sample_rate"] != RATE or session.get("lost_frames", 0) != 0:
        found["session"] = f"{session}"
    for bus, audio in enumerate(sent):
        name = f"Stem {bus}" if bus else "Mix"
        if name not in files:
            found[name] = "is missing"
            continue
        captured, rate = soundfile.read(folder / files.pop(name), dtype="float32", always_2d=True)
        captured = captured.T
        # The take may be longer by what was rendered until the parameter arrived.
        if rate != RATE or captured.shape[1] < audio.shape[1]:
            found[name] = f"has {captured.shape[1]} frames at {rate} Hz"
            continue
        for channel, side in enumerate(("left", "right")):
            wrong = numpy.flatnonzero(captured[channel, : audio.shape[1]] != audio[channel])
            if wrong.size:
                found[name] = f"differs on the {side} in {wrong.size} frames, the first one {wrong[0]}"
    for name in files:
        found[name] = "was never sent"
    return found


def main():
    plugin = Path(sys.argv[1]).resolve()
    sent = song()
    with tempfile.TemporaryDirectory() as home:
        folder, out = capture(plugin, sent, Path(home))
        found = differences(folder, sent)
        assert not found, found
        assert numpy.array_equal(out, sent), "the outputs are not the inputs"
    print(f"{STEMS} stems and the mix arrived bit for bit")

    # The same comparison has to find a host, or a plugin, that loses or mixes up buses.
    wrong = sent.copy()
    wrong[[3, 4]] = sent[[4, 3]]
    wrong[9] = sent[9, ::-1]
    wrong[17] = 0
    wrong[31, 1, 40_000] = numpy.nextafter(sent[31, 1, 40_000], numpy.float32(1))
    with tempfile.TemporaryDirectory() as home:
        folder, _ = capture(plugin, wrong, Path(home))
        found = differences(folder, sent)
    expected = {"Stem 3", "Stem 4", "Stem 9", "Stem 17", "Stem 31"}
    assert set(found) == expected, f"{found} was found, where {expected} are wrong"
    print("swapped, turned, silent and altered buses were found:", found)


if __name__ == "__main__":
    main()
