# replay other 2
info interactions
next
