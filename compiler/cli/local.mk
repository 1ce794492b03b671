## compiler/cli
