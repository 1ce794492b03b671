# two/two.gcx
break exit nosuch
break exit timeout
watch nothing
watch ani
break 5
arrive 1
print seen[ani]
print seen["1"] > 0
print quiet
print vq service.waiting
print ewt(vq service)
print occupancy(group help)
print ani
print 1 + 1
when nothing
when ani
quit
