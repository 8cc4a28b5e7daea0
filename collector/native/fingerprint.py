"""Made by `python hatch_build.py`: by which a compiled module is known to be of these sources."""

FINGERPRINT = "11b3b6ebaf400300"
