# replay near 2024-01-01T10:00:07Z
info interactions
continue
reverse-continue
step
export-test
