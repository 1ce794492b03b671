# --test fails
graph
continue
graph
graph nowhere/way.mmd
graph way
break doubled
reverse-continue
quit
