"""Writing and its safety: intake, corrections, removal, doctor, export and import, staff."""
