# --test sold
break agent paul ready
break agent nobody
break agent paul sleeping
break key account == "4711"
break key score if score > 100
break exit
watch score if score == 10
watch score else
info breakpoints
continue
delete 1
continue
info timers
info place
info candidates
backtrace
continue
break event EventTreatmentApplied
continue
continue
info timers
info place
info candidates
why not paul
backtrace
reverse-continue
quit
