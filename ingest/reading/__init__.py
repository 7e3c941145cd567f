"""One file, safely: read in a worker process, cut into passages."""
