# --test sold
watch score
break exit busy
break event EventRinging
tbreak 27 if total == 11
continue
continue
info breakpoints
reverse-continue
reverse-step
reverse-step
reverse-finish
step
step 3
reverse-next
continue
reverse-step
print who
until
reverse-continue
reverse-continue
reverse-continue
reverse-continue
delete 2
delete 9
info breakpoints
