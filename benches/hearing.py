"""How well speech came over: PESQ (ITU-T P.862.2, wide band) of a recording against the reference that was played.

    hearing.py REFERENCE.wav RECORDING.wav

The reference was played in a loop; the recording holds at least two rounds of it. Each whole round is found by
correlation, cut out and scored; the median is printed. Needs the packages pesq, numpy and scipy.
"""

import sys
from math import gcd
from statistics import median

import numpy
from pesq import pesq
from scipy.io import wavfile
from scipy.signal import correlate, resample_poly

RATE = 16_000


def read(path):
    rate, samples = wavfile.read(path)
    samples = samples.astype(numpy.float64)
    if samples.ndim > 1:
        samples = samples.mean(axis=1)
    common = gcd(rate, RATE)
    samples = resample_poly(samples, RATE // common, rate // common)
    return samples / max(1.0, numpy.abs(samples).max())


def main():
    reference, recording = read(sys.argv[1]), read(sys.argv[2])
    likeness = correlate(recording, reference, mode="valid", method="fft")
    scores = []
    while len(likeness) > 0 and len(scores) < 8:
        at = int(numpy.argmax(likeness))
        if likeness[at] <= 0:
            break
        round_of_it = recording[at : at + len(reference)]
        scores.append(pesq(RATE, reference, round_of_it, "wb"))
        likeness[max(0, at - len(reference) // 2) : at + len(reference) // 2] = -numpy.inf
    print(f"{median(scores):.2f}")


main()
