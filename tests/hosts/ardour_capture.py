"""Captures tracks in Ardour 7, without a screen: tracks → side chains → Mixtrace on the master bus → export.

The session that the plugin wrote is compared with the tracks' audio, and its mix with the file that Ardour exported.

usage: ardour_capture.py Mixtrace.vst3
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
import soundfile

from sessions import differences, song, wait_for_take

HERE = Path(__file__).parent
LUA = "/usr/bin/ardour7-lua"
SCANNER = "/usr/lib/ardour7/ardour-vst3-scanner"
LIBRARIES = "/usr/lib/ardour7"

# On a busy machine Ardour 7.3 now and then crashes without any help: a thread of its own looks at the latencies of
# ports (Port::set_private_latency_range) while the script still makes them.
ATTEMPTS = 3

RATE = 48_000
FRAMES = 4 * RATE

# Ardour's unit of time in session files: so many of them are a second.
SUPERCLOCK = 282_240_000

# The class in the plugin, and the export preset below: 32-bit float WAV at the session's rate.
PLUGIN = b"MixtraceStemsMix".hex().upper()
PRESET = "b1f3d0d2-6f0e-4d59-8a57-6d6978747261"
FLOAT_WAV = "20b4ab09-6452-4cb3-bd66-b921cdbd2942"


def prepare(home, plugin):
    """A home for Ardour in which it finds the plugin and the export preset."""
    (home / ".vst3").mkdir()
    (home / ".vst3/Mixtrace.vst3").symlink_to(plugin)
    presets = home / ".config/ardour7/export"
    presets.mkdir(parents=True)
    (presets / "float.preset").write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ExportPreset id="{PRESET}" name="float">'
        f'<ExportFormat id="{FLOAT_WAV}"/><ExportFilename><Folder relative="1" path="export"/>'
        '<Field name="label" enabled="0"/><Field name="session" enabled="0"/><Field name="snapshot" enabled="0"/>'
        '<Field name="timespan" enabled="1"/><Field name="revision" enabled="0"/>'
        '<Field name="time" enabled="0" value="T_None"/><Field name="date" enabled="0" value="D_None"/>'
        "</ExportFilename></ExportPreset>\n"
    )
    environment = os.environ | {"HOME": str(home), "MIXTRACE_HOME": str(home / "takes")}
    scanning = environment | {
        "LD_LIBRARY_PATH": LIBRARIES,
        "ARDOUR_DATA_PATH": "/usr/share/ardour7",
        "ARDOUR_CONFIG_PATH": "/etc/ardour7",
        "ARDOUR_DLL_PATH": LIBRARIES,
    }
    run([SCANNER, "-f", "-q", str(home / ".vst3/Mixtrace.vst3")], scanning)
    return environment


class Crash(Exception):
    """A program died of a segmentation fault."""


def run(command, environment):
    """Runs a program; shows what it said only if it fails."""
    where = environment["HOME"]  # relative folders of an export are relative to it
    done = subprocess.run(command, env=environment, cwd=where, text=True, capture_output=True, timeout=300)
    if done.returncode == -signal.SIGSEGV:
        raise Crash(f"{command} crashed")
    if done.returncode != 0:
        sys.exit(f"{command} failed with {done.returncode}:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    return done.stdout


def lua(script, environment, last):
    """Runs a script in Ardour; it has come to its end if it printed `last`."""
    said = run([LUA, str(HERE / script)], environment)
    assert said.rstrip().endswith(last), f"{script} broke off:\n{said}"


def put_audio(folder, tracks, sent):
    """Puts a region with its stem's audio onto each track."""
    path = folder / "capture.ardour"
    text = path.read_text()
    (interchange,) = (folder / "interchange").iterdir()
    audio = interchange / "audiofiles"
    audio.mkdir(parents=True, exist_ok=True)
    length = f"a{SUPERCLOCK * FRAMES // RATE}"
    number = int(re.search(r'id-counter="(\d+)"', text)[1]) + 1
    sources, regions = [], []
    for track in range(1, tracks + 1):
        numbers = []
        for channel, side in enumerate("LR"):
            name = f"stem{track}%{side}.wav"
            soundfile.write(audio / name, sent[track, channel], RATE, subtype="FLOAT")
            sources.append(
                f'<Source name="{name}" take-id="" type="audio" flags="" id="{number}" channel="0" origin="" gain="1"/>'
            )
            numbers.append(number)
            number += 1
        for whole in (1, 0):
            region = (
                f'<Region name="stem{track}" muted="0" opaque="1" locked="0" automatic="{whole}" whole-file="{whole}" '
                f'start="a0" length="{length}@a0" default-fade-in="1" default-fade-out="1" fade-in-active="0" '
                f'fade-out-active="0" scale-amplitude="1" id="{number}" type="audio" first-edit="nothing" channels="2" '
                f'source-0="{numbers[0]}" source-1="{numbers[1]}" '
                f'master-source-0="{numbers[0]}" master-source-1="{numbers[1]}"/>'
            )
            number += 1
            if whole:
                regions.append(region)
            else:
                playlist = rf'(<Playlist id="\d+" name="Stem{track}"[^>]*?)/>'
                text, found = re.subn(playlist, rf"\1>{region}</Playlist>", text, count=1)
                assert found, f"track {track} has no playlist"
    text = text.replace("<Sources/>", f"<Sources>{''.join(sources)}</Sources>")
    text = text.replace("<Regions/>", f"<Regions>{''.join(regions)}</Regions>")
    text = text.replace(
        "<Locations/>",
        f'<Locations><Location id="{number}" name="session" start="a0" end="{length}" flags="IsSessionRange" '
        'locked="0" timestamp="0" cue="0"/></Locations>',
    )
    text = re.sub(r'id-counter="\d+"', f'id-counter="{number + 1}"', text, count=1)
    path.write_text(text)


def capture(plugin, tracks):
    """Captures `tracks` tracks and compares."""
    sent = song(tracks, FRAMES)
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        folder = home / "session"
        environment = prepare(home, plugin) | {
            "SESSION": str(folder),
            "TRACKS": str(tracks),
            "RATE": str(RATE),
            "PLUGIN": PLUGIN,
            "PRESET": PRESET,
        }
        lua("ardour_make.lua", environment, "made")
        put_audio(folder, tracks, sent)
        lua("ardour_export.lua", environment, "exported")
        take = wait_for_take(home / "takes")
        exported, rate = soundfile.read(home / "export/mix.wav", dtype="float32", always_2d=True)
        assert rate == RATE, rate
        # What the master bus carries is Ardour's to decide: the plugin must have captured what Ardour exported.
        sent[0] = exported.T[:, :FRAMES]
        assert numpy.abs(sent[0] - sent[1:].sum(axis=0)).max() < 1e-5, "the mix is not the sum of the tracks"
        found = differences(take, sent, RATE)
        assert not found, found
    print(f"{tracks} tracks and the mix were captured bit for bit.")


def main():
    plugin = Path(sys.argv[1]).resolve()
    for tracks in (4, 31):
        for attempt in range(ATTEMPTS):
            try:
                capture(plugin, tracks)
                break
            except Crash as crash:
                if attempt + 1 == ATTEMPTS:
                    sys.exit(f"{crash}, {ATTEMPTS} times running")
                print(f"{crash}; once more")


if __name__ == "__main__":
    main()
