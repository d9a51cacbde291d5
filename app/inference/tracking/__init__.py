"""Follow the faces of a video from frame to frame. Twin of static/js/inference/tracking/."""
