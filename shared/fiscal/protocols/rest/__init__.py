"""The commands of the native protocol as the bodies of HTTP requests, in JSON for people or msgpack for programs."""
