## compiler
