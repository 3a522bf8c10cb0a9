"""A voice over a line: makes what is said, and scores what came of it.

    hearing.py say FOLDER                  writes FOLDER/said.wav (48 kHz, to be played in a loop) and its sentences
    hearing.py score FOLDER RECORDING.wav  prints the median PESQ (ITU-T P.862.2, wide band) of the sentences in it

A receiver stretches and shrinks the pauses of what it plays, and two clocks never agree: so each sentence is found by
itself, by correlation, and scored by itself. Needs espeak-ng and the packages pesq, numpy and scipy.
"""

import subprocess
import sys
from math import gcd
from pathlib import Path
from statistics import median

import numpy
from pesq import pesq
from scipy.io import wavfile
from scipy.signal import correlate, resample_poly

RATE = 16_000
PLAYED_RATE = 48_000
PAUSE_S = 0.8
MARGIN_S = 0.25
# A place that is less like the sentence than this share of the best one is none.
ALIKE = 0.3
SAID = (
    "The road to the village school was washed away in the rain.",
    "Please send the engineer before Monday evening.",
    "We have asked for drinking water since the summer.",
    "Nobody has come to look at the pump behind the market.",
)


def read(path, wanted):
    rate, samples = wavfile.read(path)
    samples = samples.astype(numpy.float64)
    if samples.ndim > 1:
        samples = samples.mean(axis=1)
    common = gcd(rate, wanted)
    samples = resample_poly(samples, wanted // common, rate // common)
    return samples / max(1.0, numpy.abs(samples).max())


def write(path, samples):
    wavfile.write(path, PLAYED_RATE, (samples * 0.5 * 32_767).astype(numpy.int16))


def say(folder):
    pause = numpy.zeros(int(PAUSE_S * PLAYED_RATE))
    parts = []
    for number, sentence in enumerate(SAID):
        path = folder / f"sentence-{number}.wav"
        subprocess.run(["espeak-ng", "-v", "en", "-s", "150", "-w", path, sentence], check=True)
        spoken = read(path, PLAYED_RATE)
        write(path, spoken)
        parts += [spoken, pause]
    write(folder / "said.wav", numpy.concatenate(parts))


def places(recording, sentence, apart):
    """Where a sentence begins in a recording, the likeliest first, no two nearer than `apart` samples."""
    likeness = correlate(recording, sentence, mode="valid", method="fft")
    sums = numpy.concatenate([[0.0], numpy.cumsum(recording**2)])
    power = sums[len(sentence) :] - sums[: -len(sentence)]
    likeness /= numpy.sqrt(numpy.maximum(power, power.max() / 100) * (sentence**2).sum())
    best = likeness.max()
    while likeness.max() > ALIKE * best:
        at = int(numpy.argmax(likeness))
        yield at
        likeness[max(0, at - apart) : at + apart] = -numpy.inf


def score(folder, path):
    recording = read(path, RATE)
    whole = len(read(folder / "said.wav", RATE))
    margin = int(MARGIN_S * RATE)
    silence = numpy.zeros(margin)
    scores = []
    for number in range(len(SAID)):
        sentence = read(folder / f"sentence-{number}.wav", RATE)
        reference = numpy.concatenate([silence, sentence, silence])
        for at in places(recording, sentence, whole * 3 // 4):
            if at < margin or at + len(sentence) + margin > len(recording):
                continue
            heard = recording[at - margin : at + len(sentence) + margin]
            scores.append(pesq(RATE, reference, heard, "wb"))
    print(f"{median(scores):.2f} {min(scores):.2f} {max(scores):.2f} {len(scores)}")


def main():
    action, folder = sys.argv[1], Path(sys.argv[2])
    if action == "say":
        say(folder)
    else:
        score(folder, sys.argv[3])


main()
