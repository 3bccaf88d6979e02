"""From a stream of bytes to whole frames, whatever the frames mean."""
