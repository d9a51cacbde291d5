"""Trains, measures and promotes Mien's models. `python -m training --help` lists the commands."""
