"""What is found by: words in FTS5, vectors in Chroma, the encoder that makes them, topics."""
