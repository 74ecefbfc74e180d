"""Captures 31 stems and a mix through the VST3 in DawDreamer, and compares the session with what was sent, bit for bit.

usage: vst3_capture.py Mixtrace.vst3
"""

import os
import sys
import tempfile
from pathlib import Path

import dawdreamer
import numpy

from sessions import differences, song, wait_for_take

RATE = 48_000
BLOCK = 512
FRAMES = 48_000
STEMS = 31


def capture(plugin, sent, home):
    """Plays `sent` with `Capture` on; returns the folder of the take and what came out of the plugin."""
    os.environ["MIXTRACE_HOME"] = str(home)
    engine = dawdreamer.RenderEngine(RATE, BLOCK)
    mixtrace = engine.make_plugin_processor("mixtrace", str(plugin))
    assert mixtrace.enable_all_buses(), "not all buses can be enabled"
    channels = 2 * (1 + STEMS)
    assert mixtrace.get_num_input_channels() == channels, mixtrace.get_num_input_channels()
    assert mixtrace.get_num_output_channels() == channels, mixtrace.get_num_output_channels()
    numbers = {parameter["name"]: parameter["index"] for parameter in mixtrace.get_parameters_description()}

    players = [engine.make_playback_processor(f"bus {bus}", audio) for bus, audio in enumerate(sent)]
    graph = [(player, []) for player in players]
    graph.append((mixtrace, [player.get_name() for player in players]))
    assert engine.load_graph(graph), "the graph was refused"

    mixtrace.set_parameter(numbers["Capture"], 1.0)
    engine.render(FRAMES / RATE)
    out = mixtrace.get_audio().reshape(1 + STEMS, 2, -1)
    # DawDreamer's transport plays whenever it renders: it is the parameter that ends the take.
    mixtrace.set_parameter(numbers["Capture"], 0.0)
    engine.render(0.1)
    return wait_for_take(home), out


def main():
    plugin = Path(sys.argv[1]).resolve()
    sent = song(STEMS, FRAMES)
    with tempfile.TemporaryDirectory() as home:
        folder, out = capture(plugin, sent, Path(home))
        found = differences(folder, sent, RATE)
        assert not found, found
        assert numpy.array_equal(out, sent), "the outputs are not the inputs"
    print(f"{STEMS} stems and the mix arrived bit for bit.")

    # The same comparison has to find a host, or a plugin, that loses or mixes up buses.
    wrong = sent.copy()
    wrong[[3, 4]] = sent[[4, 3]]
    wrong[9] = sent[9, ::-1]
    wrong[17] = 0
    wrong[31, 1, 40_000] = numpy.nextafter(sent[31, 1, 40_000], numpy.float32(1))
    with tempfile.TemporaryDirectory() as home:
        folder, _ = capture(plugin, wrong, Path(home))
        found = differences(folder, sent, RATE)
    expected = {"Stem 3", "Stem 4", "Stem 9", "Stem 17", "Stem 31"}
    assert set(found) == expected, f"{found} was found, where {expected} are wrong"
    print("Swapped buses, swapped channels, a silent bus and a changed bit were found:")
    for name, reason in found.items():
        print(f"  {name} {reason}")


if __name__ == "__main__":
    main()
