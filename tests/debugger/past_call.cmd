# replay good 001065928d200002
info interactions
timeline
step
step
next
info data
reverse-step
reverse-step
break exit timeout
continue
info fibers
when score
continue
