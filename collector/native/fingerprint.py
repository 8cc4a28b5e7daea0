"""Made by `python hatch_build.py`: by which a compiled module is known to be of these sources."""

FINGERPRINT = "ce112f78dad794a8"
