# replay good --with text/journal.db
