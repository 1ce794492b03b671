# replay good --only-different --with later.gcx
