"""The parts of `images.decode`: prechecks, the memory budget, Pillow, the sandbox."""
