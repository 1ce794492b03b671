# --test sold
tbreak doubled
continue
graph
continue
graph
quit
