# replay good 1
break 10
continue
set score = 3
print score
info set
continue
reverse-continue
set priority = 5
info set
set code = "1"
unset score
print score
print priority
unset
info set
print priority
continue
info data
