"""What is kept: the catalogue, the PDFs, locks, the disk, and what of it can be found."""
