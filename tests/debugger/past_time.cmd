# replay good 2024-01-01T10:00:08Z
info interactions
timeline 2
step
reverse-step
