# replay waiting --with elsewhere.gcx
