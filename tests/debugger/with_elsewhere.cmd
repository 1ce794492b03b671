# replay good --with elsewhere.gcx
