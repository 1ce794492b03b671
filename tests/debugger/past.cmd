# replay good
info interactions
break step select
tbreak doubled
watch score
break event EventRinging
continue
info locals
backtrace
up
finish
print score + 1
continue
print priority
list
info interactions
continue
next
continue
why
when score
reverse-continue
reverse-step
reverse-next
delete
continue
continue
why
reverse-step
export-test
arrive +33145550103
