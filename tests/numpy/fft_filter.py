"""Writes a WAV file with two tones, filters one out by a Fourier transform, and looks at what is left."""

import tempfile
import wave
from pathlib import Path

import numpy as np

RATE = 8000


def write(path, samples):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples * 32000).round().astype("<i2").tobytes())


def read(path):
    with wave.open(str(path), "rb") as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32000


def tones(samples):
    power = np.abs(np.fft.rfft(samples))
    frequencies = np.fft.rfftfreq(len(samples), 1 / RATE)
    return {int(frequencies[place]): round(float(power[place]), 3) for place in np.argsort(power)[:-3:-1]}


folder = Path(tempfile.mkdtemp())
time = np.arange(2 * RATE) / RATE
write(folder / "both.wav", 0.6 * np.sin(2 * np.pi * 440 * time) + 0.3 * np.sin(2 * np.pi * 2500 * time))
both = read(folder / "both.wav")
print("before", tones(both))

spectrum = np.fft.rfft(both)
spectrum[np.fft.rfftfreq(len(both), 1 / RATE) > 1000] = 0
write(folder / "low.wav", np.fft.irfft(spectrum, len(both)))
low = read(folder / "low.wav")
print("after", {tone: power for tone, power in tones(low).items() if power > 10})
print("size", (folder / "low.wav").stat().st_size, "loudest", round(float(np.abs(low).max()), 4))

for length in 1, 2, 30, 97, 1009, 4096:
    signal = np.cos(np.arange(length)) + 1j * np.arange(length)
    assert np.allclose(np.fft.ifft(np.fft.fft(signal)), signal), length
    assert np.allclose(np.fft.irfft(np.fft.rfft(signal.real), length), signal.real), length
image = np.arange(12.0).reshape(3, 4)
print("two dimensions", np.allclose(np.fft.ifft2(np.fft.fft2(image)), image), np.fft.fft2(image)[0, 0])
