# replay pruned 2
info interactions
step
reverse-step
reverse-step
