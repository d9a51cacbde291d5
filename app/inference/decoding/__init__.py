"""What `images.decode` is made of: reading with Pillow, checks before it, a process apart."""
