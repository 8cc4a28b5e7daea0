"""Backups: lake, segments and control store copied while the hub works, verified, kept by rule, and restored."""
