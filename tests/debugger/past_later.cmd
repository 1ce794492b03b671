# replay good/journal.db 9h
reverse-step
