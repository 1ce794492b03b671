## runtime/journal
