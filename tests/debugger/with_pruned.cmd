# replay pruned --with elsewhere.gcx
