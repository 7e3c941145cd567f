"""What a person sees in the terminal, drawn with rich."""
