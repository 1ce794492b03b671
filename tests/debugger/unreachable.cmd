#
arrive +33145550101
advance 2s
queue desk unreachable
advance 3s
info interactions
advance 1m
info interactions
